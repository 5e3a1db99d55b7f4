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
  let best: { readonly turn: Turn; readonly machine: MachineState } | null = null;
  let bestRank = Number.POSITIVE_INFINITY;
  let untilMs = nowMs + IDLE_MS;
  for (const machine of machines) {
    if (machine.slotAtMs > nowMs) {
      untilMs = Math.min(untilMs, machine.slotAtMs);
      continue;
    }
    const wish = wishOf(machine, nowMs);
    const rank = rankOf(machine, wish, machine.slotAtMs - nowMs);
    if (rank >= bestRank) continue;
    best = { turn: wish.turn, machine };
    bestRank = rank;
  }
  return best ?? { turn: 'WAIT', untilMs };
}

/** A lower rank goes first. */
function rankOf({ link }: MachineState, wish: Wish, waitingSince: number): number {
  if (link === 'ONLINE' && waitingSince <= -STARVING_MS) return waitingSince - STARVING;
  return waitingSince + wish.rank;
}

/** What a machine is next polled for, and how much later, or earlier, than it waits that counts. */
interface Wish {
  readonly turn: Turn;
  readonly rank: number;
}

// Every machine is asked for its wish before every poll: none is made anew.
const MEETING: Wish = { turn: 'PROBE', rank: 0 };
const LOOKING_FOR: Wish = { turn: 'PROBE', rank: LEISURE_MS };
const FETCH_FIRST: Wish = { turn: 'FETCH', rank: -FETCHES_FIRST };
const COMMAND: Wish = { turn: 'COMMAND', rank: -COMMANDS_SECOND };
const BETWEEN_COMMANDS: Wish = { turn: 'GENERAL', rank: -COMMANDS_SECOND };
const READ_THIRD: Wish = { turn: 'STEP', rank: -READS_THIRD };
const FETCH_AT_LEISURE: Wish = { turn: 'FETCH', rank: LEISURE_MS };
const READ_AT_LEISURE: Wish = { turn: 'STEP', rank: LEISURE_MS };
const GENERAL: Wish = { turn: 'GENERAL', rank: 0 };

function wishOf(machine: MachineState, nowMs: number): Wish {
  const { link, hold, lastPollWasGeneral } = machine;
  if (link !== 'ONLINE') return link === 'OFFLINE' ? LOOKING_FOR : MEETING;
  const fetch = hold === null ? nextFetch(machine, nowMs) : undefined;
  if (fetch?.fetch.urgent) return FETCH_FIRST;
  const command = nextCommand(machine);
  if (command) {
    const isAgain = WITHOUT_TWIN.has(command.code) && command.code === machine.lastCode;
    return isAgain ? BETWEEN_COMMANDS : COMMAND;
  }
  const task = hold === null ? nextTask(machine) : null;
  const isStuck = task !== null && task.attempts > 0;
  if (task !== null && !(isStuck && !lastPollWasGeneral) && isHurried(task)) return READ_THIRD;
  if (lastPollWasGeneral && fetch) return FETCH_AT_LEISURE;
  if (lastPollWasGeneral && task) return READ_AT_LEISURE;
  return GENERAL;
}
