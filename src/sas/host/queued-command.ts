/** What somebody wants said to a machine, among its commands until its turn comes. */
import type { LongPoll } from '../codec/long-poll.ts';
import { encodeRequest } from '../codec/poll-table.ts';
import { decodeResult, type RawResult } from './command-result.ts';
import type { Command, CommandResult, MachineState } from './machine-state.ts';
import { reportOfAnswer } from './transfer-report.ts';

/** The host was disposed of before it was known what became of a command. */
export class HostStoppedError extends Error {
  override readonly name = 'HostStoppedError';
  constructor() {
    super('The SAS host of this line ended.');
  }
}

export type Sending = Pick<Command, 'frame' | 'reportOf' | 'goesFirst'>;

export interface Wanted<Request, Answer> {
  readonly poll: LongPoll<Request, Answer>;
  readonly request: Request;
  readonly goesFirst: boolean;
}

/** The same frame whenever it is sent. @throws RangeError for a request that does not fit */
export function sendingOf<Request, Answer>(
  address: number,
  { poll, request, goesFirst }: Wanted<Request, Answer>,
): Sending {
  const frame = encodeRequest(poll, address, request);
  return { frame: () => frame, reportOf: reportOfAnswer(frame), goesFirst };
}

/** A machine that is away is told nothing. @throws HostStoppedError when the host ends before */
export function queueCommand<Request, Answer>(
  machine: MachineState | undefined,
  poll: LongPoll<Request, Answer>,
  sending: Sending,
): Promise<CommandResult<Answer>> {
  return new Promise((resolve, reject) => {
    if (!machine || machine.link === 'OFFLINE') return resolve({ outcome: 'OFFLINE', attempts: 0 });
    const finish = (raw: RawResult) => resolve(decodeResult(poll, raw));
    const abort = () => reject(new HostStoppedError());
    machine.commands.push({ code: poll.code, ...sending, finish, abort });
  });
}
