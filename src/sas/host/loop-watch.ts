/** Whether anybody is heard on an open line (SAS.md 5.3). */
import type { MachineState } from './machine-state.ts';
import type { Clock } from './port.ts';
import type { HostReport } from './report.ts';
import type { LineCounters } from './statistics.ts';

export interface LoopWatchOptions {
  readonly clock: Clock;
  readonly counters: LineCounters;
  readonly deliver: (report: HostReport) => Promise<boolean>;
}

/** One for each time the port is opened. */
export class LoopWatch {
  readonly #options: LoopWatchOptions;
  readonly #seen = new Set<number>();
  #isBroken = false;

  constructor(options: LoopWatchOptions) {
    this.#options = options;
  }

  /** To be called after every exchange. */
  look(machines: ReadonlyMap<number, MachineState>): void {
    let anyOnline = false;
    let anyLost = false;
    for (const { address, link } of machines.values()) {
      if (link === 'ONLINE') {
        anyOnline = true;
        this.#seen.add(address);
      } else if (this.#seen.has(address)) anyLost = true;
    }
    if (anyOnline) this.#turn(false);
    else if (anyLost) this.#turn(true);
  }

  #turn(isBroken: boolean): void {
    if (isBroken === this.#isBroken) return;
    this.#isBroken = isBroken;
    const { clock, counters, deliver } = this.#options;
    if (isBroken) counters.loopBreaks += 1;
    void deliver({ kind: 'loop', state: isBroken ? 'BROKEN' : 'WHOLE', at: clock.date() });
  }
}
