/** One simulated machine without its line: a state that is in memory before it is seen. */
import { type CabinetState, newCabinetState } from './cabinet-state.ts';
import { keptMeters } from './kept-meters.ts';
import type { Moment } from './machine-clock.ts';
import type { MachineSettings } from './machine-settings.ts';
import type { MachineMemory } from './memory.ts';
import { powerUp } from './power.ts';

export interface Cabinet {
  readonly settings: MachineSettings;
  /** The state as saved last. */
  readonly state: CabinetState;
  /** Saves the state, then shows it. @throws MachineMemoryError; nothing has changed then. */
  commit(next: CabinetState): void;
  /** Called after each commit, until disposed. */
  onChange(listener: (state: CabinetState) => void): Disposable;
}

export interface CabinetOptions {
  readonly memory: MachineMemory;
  readonly settings: MachineSettings;
  /** The moment, for a clock that shows so much more than the real one. */
  readonly now: (clockOffsetMs: number) => Moment;
}

/**
 * Switches a machine on: what its memory holds, a game cut off by the last power loss played to its end.
 *
 * @throws MachineMemoryError
 */
export function createCabinet({ memory, settings, now }: CabinetOptions): Cabinet {
  const loaded = memory.load() ?? newCabinetState();
  const meters = new Map([...keptMeters(settings).map((code) => [code, 0n] as const), ...loaded.meters]);
  const listeners = new Set<(state: CabinetState) => void>();
  let state = powerUp({ ...loaded, meters }, { settings, moment: now(loaded.clockOffsetMs) });
  memory.save(state);

  return {
    settings,
    get state() {
      return state;
    },
    commit(next) {
      if (next === state) return;
      memory.save(next);
      state = next;
      for (const listener of listeners) listener(next);
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
  };
}
