/** What has to be done with a machine that answers, at first or again, before anything else is asked of it. */
import { createBackoff } from './backoff.ts';
import type { SasHost } from './host.ts';
import type { MachineState } from './machine-state.ts';
import { createPace, type Pace } from './pace.ts';
import type { Clock } from './port.ts';

/** Executes commands of one machine while it is held. @throws RangeError for another address */
export type FirstService = Pick<SasHost, 'execute'>;

export type BeforeService = (address: number, first: FirstService) => Promise<void>;

export interface ServiceOptions {
  readonly beforeService: BeforeService;
  /** Executes what goes before everything the machine is held from. */
  readonly executeFirst: SasHost['execute'];
  /** A machine is not held any more. */
  readonly onServed: () => void;
  readonly onError: () => void;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Services {
  /** Holds the machine until what comes before service is done, or it goes offline. */
  begin(machine: MachineState): void;
  /** Tries nothing again, and waits for what is being done. */
  close(): Promise<void>;
}

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5_000;

export function createServices(options: ServiceOptions): Services {
  const { beforeService, clock, random } = options;
  /** The last one of each address: the next waits for it. */
  const begun = new Map<number, Promise<void>>();
  const paces = new Set<Pace>();
  let isClosed = false;

  async function serve(machine: MachineState, hold: symbol): Promise<void> {
    const pace = createPace(clock);
    paces.add(pace);
    const backoff = createBackoff({ minMs: RETRY_MIN_MS, maxMs: RETRY_MAX_MS, random });
    const first = firstService(machine, hold);
    while (machine.hold === hold && !isClosed) {
      try {
        await beforeService(machine.address, first);
        if (machine.hold === hold) machine.hold = null;
      } catch {
        // What went wrong is for whoever does it to log; the machine stays held.
        options.onError();
        if (!isClosed) await pace.wait(clock.nowMs() + backoff.next());
      }
    }
    paces.delete(pace);
    options.onServed();
  }

  const firstService = (machine: MachineState, hold: symbol): FirstService => ({
    execute(address, poll, request) {
      if (address !== machine.address) throw new RangeError(`${address} is not the machine that is held`);
      if (machine.hold !== hold) return Promise.resolve({ outcome: 'OFFLINE', attempts: 0 });
      return options.executeFirst(address, poll, request);
    },
  });

  return {
    begin(machine) {
      const hold = Symbol('held');
      machine.hold = hold;
      const before = begun.get(machine.address) ?? Promise.resolve();
      begun.set(
        machine.address,
        before.then(() => serve(machine, hold)),
      );
    },
    async close() {
      isClosed = true;
      for (const pace of paces) pace.wake();
      await Promise.all(begun.values());
    },
  };
}
