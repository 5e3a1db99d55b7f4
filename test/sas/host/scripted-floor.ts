import { withCrc } from '../../../src/sas/codec/crc.ts';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import {
  FEATURES,
  MACHINE_ID,
  NUMBER_OF_GAMES,
  SAS_VERSION,
  SELECTED_GAME,
} from '../../../src/sas/codec/long-polls/identity.ts';
import { SELECTED_METERS } from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { encodeAnswer } from '../../../src/sas/codec/poll-table.ts';
import { createSasHost, type SasHost, type SasHostOptions } from '../../../src/sas/host/host.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { aManualClock, type ManualClock } from './manual-clock.ts';
import { aScriptedPort, type ScriptedPort } from './scripted-port.ts';

/** Says what a machine answers to a long poll: bytes, or nothing. */
type Answerer = (message: string) => readonly number[] | undefined;

/** A machine of which a test says every answer; what nobody says is met with silence. */
export interface ScriptedMachine {
  /** What it reports next, in order; it goes on to the next by the rules of SAS.md 5.1. */
  readonly exceptions: (number | readonly number[])[];
  /** Answers to long polls, by command byte. */
  readonly answers: Map<number, Answerer>;
  isSilent: boolean;
}

export interface ScriptedFloor extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly host: SasHost;
  readonly port: ScriptedPort;
  readonly reports: HostReport[];
  machine(address: number): ScriptedMachine;
  of<K extends HostReport['kind']>(kind: K): Extract<HostReport, { kind: K }>[];
  /** What was sent since the last call, without polls to address 0 unless asked for. */
  sent(which?: 'ALL'): string[];
  /** Closes the port; the next is opened by the host. */
  unplug(): void;
}

export type ScriptedFloorOptions = Partial<SasHostOptions> & { readonly machines?: readonly number[] };

const hexOf = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** Has a machine answer a poll, always the same. */
export function answering<Request, Answer>(
  machine: ScriptedMachine,
  poll: LongPoll<Request, Answer>,
  answer: Answer,
): void {
  machine.answers.set(poll.code, (message) => [
    ...encodeAnswer(poll, Number.parseInt(message.slice(0, 2), 16), answer),
  ]);
}

export async function aScriptedFloor(options: ScriptedFloorOptions = {}): Promise<ScriptedFloor> {
  const { machines: addresses = [1], report, ...hostOptions } = options;
  const clock = aManualClock();
  const machines = new Map<number, ScriptedMachine>();
  for (const address of addresses) machines.set(address, aMachine());
  let port = aScriptedPort(script);
  const past: string[] = [];
  const reports: HostReport[] = [];
  let seen = 0;

  let pending: { readonly address: number; readonly isGeneral: boolean } | null = null;

  function script(message: string): readonly number[] | undefined {
    const [first = 0, code] = message.split(' ').map((byte) => Number.parseInt(byte, 16));
    const address = first & 0x7f;
    const isRepeated = pending?.address === address && pending.isGeneral && code === undefined;
    // Anything but the same general poll says that the exception arrived.
    if (pending?.isGeneral && !isRepeated) machines.get(pending.address)?.exceptions.shift();
    const machine = machines.get(address);
    pending = null;
    if (machine === undefined || machine.isSilent) return undefined;
    if (code !== undefined) return machine.answers.get(code)?.(message);
    const exception = machine.exceptions[0];
    if (exception === undefined) return [0x00];
    pending = { address, isGeneral: true };
    return typeof exception === 'number' ? [exception] : exception;
  }

  const host = createSasHost({
    addresses,
    clock,
    random: () => 0.5,
    ...hostOptions,
    async open() {
      past.push(...port.sent);
      port = aScriptedPort(script);
      return port;
    },
    async report(made) {
      await report?.(made);
      reports.push(made);
    },
  });
  host.start();

  return {
    clock,
    host,
    reports,
    get port() {
      return port;
    },
    machine(address) {
      const machine = machines.get(address) ?? aMachine();
      machines.set(address, machine);
      return machine;
    },
    of: <K extends HostReport['kind']>(kind: K) =>
      reports.filter((made): made is Extract<HostReport, { kind: K }> => made.kind === kind),
    sent(which) {
      const all = [...past, ...port.sent];
      const fresh = all.slice(seen);
      seen = all.length;
      return which === 'ALL' ? fresh : fresh.filter((message) => message !== '80');
    },
    unplug: () => port.unplug(new Error('unplugged')),
    async [Symbol.asyncDispose]() {
      const disposed = host[Symbol.asyncDispose]();
      await clock.advance(1_000);
      await disposed;
    },
  };
}

export const ID = {
  gameId: 'FW',
  additionalId: '001',
  denomination: 1,
  maxBet: 5,
  progressiveGroup: 0,
  gameOptions: 0,
  paytableId: 'FW0001',
  basePercent: '9068',
};

function aMachine(): ScriptedMachine {
  const machine: ScriptedMachine = { exceptions: [], answers: new Map(), isSilent: false };
  // What a machine is asked when it comes online; the fewer it leaves open, the sooner it is asked for the rest.
  answering(machine, FEATURES, { game: 0, features: NO_FEATURES });
  answering(machine, MACHINE_ID, ID);
  answering(machine, SAS_VERSION, { version: '602', serialNumber: 'SN-1' });
  answering(machine, NUMBER_OF_GAMES, { games: 0 });
  answering(machine, SELECTED_GAME, { game: 0 });
  answering(machine, SELECTED_METERS, { game: 0, meters: [] });
  // Real-time events off, clocks: acknowledged by the address.
  for (const code of [0x0e, 0x7f]) machine.answers.set(code, (message) => [Number.parseInt(message, 16)]);
  return machine;
}

/** A frame as a machine sends it. */
export const frame = (...bytes: number[]): number[] => [...withCrc(Uint8Array.from(bytes))];

export const hex = (bytes: Iterable<number>): string => Array.from(bytes, hexOf).join(' ');
