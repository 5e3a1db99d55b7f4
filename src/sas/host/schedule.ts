/** Whose turn it is on a line, and what for. */
import type { MachineState } from './machine-state.ts';

export type Turn = 'PROBE' | 'COMMAND' | 'GENERAL' | 'STEP';

export type NextTurn =
  | { readonly turn: Turn; readonly machine: MachineState }
  /** Nobody may be polled before this time. */
  | { readonly turn: 'WAIT'; readonly untilMs: number };

/** How late a machine's slot counts to be when it only has something leisurely to ask. */
const LEISURE_MS = 1_000;
/** More than any machine ever waits. */
const READS_SECOND = 1e9;
const COMMANDS_FIRST = 2e9;
/** A line without machines looks again after so long; new work wakes it anyway. */
const IDLE_MS = 60_000;

/**
 * Commands first, then reads somebody waits for, then the rest; among equals the machine that waits longest, so the
 * turn goes round. Leisurely reads give way to general polls for a second, and no longer.
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
  if (machine.link !== 'ONLINE') return { turn: 'PROBE', rank: waitingSince };
  if (machine.commands.length > 0) return { turn: 'COMMAND', rank: waitingSince - COMMANDS_FIRST };
  const { identification, reading } = machine;
  const task = identification ?? reading;
  const isStuck = task !== null && task.attempts > 0;
  if (task !== null && !(isStuck && !machine.lastPollWasGeneral)) {
    if (identification || reading?.urgent) return { turn: 'STEP', rank: waitingSince - READS_SECOND };
    if (machine.lastPollWasGeneral) return { turn: 'STEP', rank: waitingSince + LEISURE_MS };
  }
  return { turn: 'GENERAL', rank: waitingSince };
}
