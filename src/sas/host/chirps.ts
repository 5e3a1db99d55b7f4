/** Machines that call out their address because they hear nobody (SAS.md 5.4). */
import { HIGHEST_ADDRESS } from '../codec/address.ts';
import type { MachineState } from './machine-state.ts';
import type { Pace } from './pace.ts';
import type { Clock } from './port.ts';
import { type HostReport, UNKNOWN_STRANGER } from './report.ts';

export interface ChirpsOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  /** May change while machines call. */
  readonly machines: ReadonlyMap<number, MachineState>;
  readonly deliver: (report: HostReport) => Promise<boolean>;
}

/** How soon a stranger that goes on chirping is told of again. */
const AGAIN_MS = 60_000;

export class Chirps {
  readonly #options: ChirpsOptions;
  /** Addresses of strangers that were told of, and when. */
  readonly #told = new Map<number, number>();

  constructor(options: ChirpsOptions) {
    this.#options = options;
  }

  /** One of the line's machines is asked at once; a stranger is told of. */
  hear(address: number): void {
    const { clock, pace, machines } = this.#options;
    const machine = machines.get(address);
    if (!machine) this.#tellOf(address);
    else {
      machine.counters.chirps += 1;
      if (machine.link !== 'ONLINE') machine.slotAtMs = Math.min(machine.slotAtMs, clock.nowMs());
      pace.wake();
    }
  }

  /** Who was a stranger may be none any more. */
  forget(): void {
    this.#told.clear();
  }

  #tellOf(address: number): void {
    const { clock, deliver } = this.#options;
    const nowMs = clock.nowMs();
    const isToldLately = nowMs - (this.#told.get(address) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS;
    if (!isMachineAddress(address) || isToldLately) return;
    this.#told.set(address, nowMs);
    void deliver({ kind: 'discovery', address, at: clock.date(), by: 'CHIRP', ...UNKNOWN_STRANGER });
  }
}

export const isMachineAddress = (address: number): boolean => address >= 1 && address <= HIGHEST_ADDRESS;
