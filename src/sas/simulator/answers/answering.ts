/** How a simulated machine answers a long poll: from its state, and with what the acknowledgement brings about. */
import type { SasDateTime } from '../../codec/date-time.ts';
import type { NoFields } from '../../codec/fields.ts';
import type { LongPoll } from '../../codec/long-poll.ts';
import type { Cabinet } from '../cabinet.ts';
import type { CabinetState } from '../cabinet-state.ts';
import type { Moment } from '../machine-clock.ts';

/** What a poll may reach. */
export interface AnsweringMachine {
  readonly address: number;
  readonly cabinet: Cabinet;
  /** Whether exceptions are sent as real-time events; off after a power loss. */
  readonly realTime: boolean;
  setRealTime(enabled: boolean): void;
  setClock(time: SasDateTime): void;
  now(): Moment;
  /** Starts computing; the signature comes later, in place of an exception. */
  startSignature(seed: number): void;
  /** The host told of progressives. */
  heardProgressives(): void;
}

/** DATA is the answer, with what happens to the state once the host has acknowledged it. BUSY asks to come again. */
export type Answered<Answer> =
  | {
      readonly kind: 'DATA';
      readonly answer: Answer;
      readonly acknowledged?: ((state: CabinetState) => CabinetState) | undefined;
    }
  | { readonly kind: 'BUSY' };

export interface Answering {
  readonly poll: LongPoll;
  /** @throws SasDecodeError when the machine refuses the request's data. */
  answer(machine: AnsweringMachine, request: unknown): Answered<unknown>;
}

export const BUSY = { kind: 'BUSY' } as const;

/** Pairs a poll with its answer; `decodeRequest` has made the request by the poll's own layout. */
export const answering = <Request, Answer>(
  poll: LongPoll<Request, Answer>,
  answer: (machine: AnsweringMachine, request: Request) => Answered<NoInfer<Answer>>,
): Answering => ({ poll, answer: (machine, request) => answer(machine, request as Request) });

/** A poll that is always answered, and forgotten with that. */
export const on = <Request, Answer>(
  poll: LongPoll<Request, Answer>,
  answer: (machine: AnsweringMachine, request: Request) => NoInfer<Answer>,
): Answering => answering(poll, (machine, request) => ({ kind: 'DATA', answer: answer(machine, request) }));

/** A poll that changes the state and is acknowledged. */
export const changing = <Request>(
  poll: LongPoll<Request, null>,
  change: (state: CabinetState, request: Request, machine: AnsweringMachine) => CabinetState,
): Answering =>
  on(poll, (machine, request) => {
    machine.cabinet.commit(change(machine.cabinet.state, request, machine));
    return null;
  });

/** A poll that sets what does not depend on the state before. */
export const setting = (poll: LongPoll<NoFields, null>, change: Partial<CabinetState>): Answering =>
  changing(poll, (state) => ({ ...state, ...change }));
