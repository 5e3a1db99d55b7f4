/** Whose turn it is on a line, and what for. */
import { READ_VALIDATION_RECORD, VALIDATION_METERS } from '../codec/long-polls/validation.ts';
import { type MachineState, nextCommand, nextFetch } from './machine-state.ts';
import { isHurried, nextTask } from './tasks.ts';

export type Turn = 'PROBE' | 'FETCH' | 'COMMAND' | 'GENERAL' | 'STEP';

export type NextTurn =
  | { readonly turn: Turn; readonly machine: MachineState }
  /** Nobody may be polled before this time. */
  | { readonly turn: 'WAIT'; readonly untilMs: number };

/** How late a machine's slot counts to be when it only has something leisurely to ask. */
export const LEISURE_MS = 1_000;
/** A machine that waits so long goes before whatever others have to hurry with. */
const STARVING_MS = 2_000;
/** More than any machine ever waits. */
const READS_THIRD = 1e9;
const COMMANDS_SECOND = 2e9;
const FETCHES_FIRST = 3e9;
const STARVING = 4e9;
/**
 * Polls without a twin whose data say what they are about: for another of their kind some machines want a general poll
 * between (SAS.md 5.1).
 */
const WITHOUT_TWIN: ReadonlySet<number> = new Set([READ_VALIDATION_RECORD.code, VALIDATION_METERS.code]);
/** A line without machines looks again after so long; new work wakes it anyway. */
const IDLE_MS = 60_000;

/**
 * What an exception announced goes first, then commands, then reads somebody waits for, then the rest; among equals
 * the machine that waits longest, so the turn goes round. Leisurely reads, and machines that are not there, give way
 * to general polls for a second, and no longer. Nobody waits more than two seconds because others hurry.
 */
export function nextTurn(machines: Iterable<MachineState>, nowMs: number): NextTurn {
  let best: { turn: Turn; machine: MachineState; rank: number } | null = null;
  let untilMs = nowMs + IDLE_MS;
  for (const machine of machines) {
    if (machine.slotAtMs > nowMs) {
      untilMs = Math.min(untilMs, machine.slotAtMs);
      continue;
    }
    const { turn, rank } = turnOf(machine, nowMs);
    if (best === null || rank < best.rank) best = { turn, machine, rank };
  }
  return best ?? { turn: 'WAIT', untilMs };
}

/** A lower rank goes first. */
function turnOf(machine: MachineState, nowMs: number): { turn: Turn; rank: number } {
  const waitingSince = machine.slotAtMs - nowMs;
  const { turn, rank } = wishOf(machine, nowMs);
  if (machine.link !== 'ONLINE') return { turn, rank: waitingSince + rank };
  return { turn, rank: waitingSince + (waitingSince <= -STARVING_MS ? -STARVING : rank) };
}

/** What a machine is next polled for, and how much later, or earlier, than it waits that counts. */
function wishOf(machine: MachineState, nowMs: number): { turn: Turn; rank: number } {
  const { link, hold, lastPollWasGeneral } = machine;
  if (link !== 'ONLINE') return { turn: 'PROBE', rank: link === 'OFFLINE' ? LEISURE_MS : 0 };
  const fetch = hold === null ? nextFetch(machine, nowMs) : undefined;
  if (fetch?.fetch.urgent) return { turn: 'FETCH', rank: -FETCHES_FIRST };
  const command = nextCommand(machine);
  if (command) {
    const isAgain = WITHOUT_TWIN.has(command.code) && command.code === machine.lastCode;
    return { turn: isAgain ? 'GENERAL' : 'COMMAND', rank: -COMMANDS_SECOND };
  }
  const task = hold === null ? nextTask(machine) : null;
  const isStuck = task !== null && task.attempts > 0;
  if (task !== null && !(isStuck && !lastPollWasGeneral) && isHurried(task))
    return { turn: 'STEP', rank: -READS_THIRD };
  if (lastPollWasGeneral && fetch) return { turn: 'FETCH', rank: LEISURE_MS };
  if (lastPollWasGeneral && task) return { turn: 'STEP', rank: LEISURE_MS };
  return { turn: 'GENERAL', rank: 0 };
}
