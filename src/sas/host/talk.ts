/** What every conversation with a machine shares: asking it, believing it, and its coming and going. */
import type { Reply } from '../codec/frame.ts';
import type { Broadcasts } from './broadcasts.ts';
import type { AskOptions, Exchange } from './exchange.ts';
import { hasFeature, startIdentification } from './identity.ts';
import type { LineMemory } from './line-memory.ts';
import type { LocalTime } from './machine-clock.ts';
import { forgetSession, type MachineState } from './machine-state.ts';
import type { Pace } from './pace.ts';
import type { Clock } from './port.ts';
import type { HostTiming, MeterSelection } from './profiles.ts';
import { wantReading } from './readings.ts';
import type { HostReport, OfflineCause } from './report.ts';
import type { Scan } from './scan.ts';
import { countRoundTrip, type LineCounters } from './statistics.ts';

/** One open line, as the conversations on it see it. */
export interface Talk {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: HostTiming;
  readonly meters: MeterSelection;
  readonly counters: LineCounters;
  readonly pace: Pace;
  /** Whether the host wants to end: nothing new is begun then. */
  readonly isStopping: () => boolean;
  /** Resolves true once the report was taken; in order for each machine. */
  readonly deliver: (report: HostReport) => Promise<boolean>;
  readonly memory: LineMemory;
  /** The machine answers, at first or again. */
  readonly online: (machine: MachineState) => void;
  /** The machine was told that its exception is stored. */
  readonly acknowledged: (address: number) => void;
  /** The machine was told that its answer to a fetch is stored. */
  readonly fetched: (address: number, poll: number) => void;
  readonly broadcasts: Broadcasts;
  readonly scan: Scan;
  /** Null where clocks are left alone. */
  readonly localTime: LocalTime | null;
}

/** Whether nothing more can or should be said on this line. */
export const isOver = (talk: Talk): boolean => talk.exchange.isClosed || talk.isStopping();

/** Asks, keeps the books, and sets when the machine may be polled again. Null when the port closed. */
export async function askMachine(
  talk: Talk,
  machine: MachineState,
  request: Uint8Array,
  options: AskOptions,
): Promise<Reply | null> {
  const sentAtMs = talk.clock.nowMs();
  machine.counters.polls += 1;
  machine.lastPollWasGeneral = request.length === 1;
  machine.lastCode = request[1] ?? null;
  const reply = await talk.exchange.ask(request, options);
  if (reply === null) return null;
  const now = talk.clock.nowMs();
  machine.slotAtMs = sentAtMs + periodAfter(talk, machine, reply);
  if (reply.kind === 'silence') noteSilence(talk, machine);
  else machine.missed = 0;
  if (reply.kind === 'damaged') {
    machine.counters.damaged += 1;
    machine.damagedSinceMs ??= now;
  } else if (reply.kind !== 'silence') {
    machine.counters.replies += 1;
    machine.counters.lastSeenAt = talk.clock.date();
    countRoundTrip(machine.counters, now - sentAtMs);
  }
  return reply;
}

/** After a silence the slow period in any case: an answer that is only late must not meet the next question. */
function periodAfter({ timing }: Talk, machine: MachineState, reply: Reply): number {
  const isFast = hasFeature(machine, 'fastPolling') && reply.kind !== 'silence';
  return isFast ? timing.fastPollPeriodMs : timing.pollPeriodMs;
}

function noteSilence(talk: Talk, machine: MachineState): void {
  machine.counters.silences += 1;
  machine.missed += 1;
  if (machine.link === 'ONLINE') talk.exchange.noteTrouble();
}

/** The machine gave an answer that counts. */
export function noteAnswer(machine: MachineState): void {
  machine.damagedSinceMs = null;
}

/** Waits until the machine may be polled again; false when the line is over before. */
export async function awaitSlot(talk: Talk, machine: MachineState): Promise<boolean> {
  while (!isOver(talk) && talk.clock.nowMs() < machine.slotAtMs) await talk.pace.wait(machine.slotAtMs);
  return !isOver(talk);
}

export function goOnline(talk: Talk, machine: MachineState): void {
  if (machine.link === 'ONLINE') return;
  machine.link = 'ONLINE';
  machine.probes = 0;
  machine.clockAtMs = talk.clock.nowMs();
  const { address } = machine;
  void talk.deliver({ kind: 'link', address, state: 'ONLINE', cause: null, at: talk.clock.date() });
  startIdentification(machine, { isComing: true });
  wantReading(machine, { scope: 'FULL', urgent: true }, talk.meters);
  talk.online(machine);
}

export function goOffline(
  talk: Pick<Talk, 'deliver' | 'clock'>,
  machine: MachineState,
  cause: OfflineCause,
): void {
  if (machine.link === 'OFFLINE') return;
  machine.link = 'OFFLINE';
  const { address } = machine;
  void talk.deliver({ kind: 'link', address, state: 'OFFLINE', cause, at: talk.clock.date() });
  forgetSession(machine);
}
