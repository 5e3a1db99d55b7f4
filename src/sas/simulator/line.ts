/** Several simulated machines on one line: everybody hears the host, and one at most answers (SAS.md 13.1 item 9). */
import { isMarked, type LineSymbol, mark } from '../codec/symbol.ts';
import type { Clock, HeardSymbol } from '../host/port.ts';
import type { Egm } from './egm.ts';
import type { Faults } from './faults.ts';
import { createPacing } from './pacing.ts';

/** Two answers to one poll: two machines with one address, or one that speaks out of turn. */
export interface Collision {
  readonly first: number;
  readonly second: number;
}

/** What a line needs of a machine. */
export type LineMachine = Pick<Egm, 'address' | 'hear' | 'onReply' | 'onChirp'>;

export interface LineOptions {
  readonly egms: readonly LineMachine[];
  /** What happens to symbols on their way; nothing unless given. */
  readonly faultsToHost?: Faults;
  readonly faultsToEgms?: Faults;
  /** By this clock every byte takes its time on the wire (SAS.md 2); messages arrive at once unless given. */
  readonly pacedBy?: Clock;
  /** By default a collision is an error, thrown where the second answer is given. */
  readonly onCollision?: (collision: Collision) => void;
}

export interface SimulatedLine {
  /** Symbols of the host, in any chunking. */
  hear(symbols: readonly HeardSymbol[]): void;
  /** Where the answers go, each in one piece; one listener. */
  onReply(listener: (symbols: readonly LineSymbol[]) => void): void;
}

export function createLine(options: LineOptions): SimulatedLine {
  const { egms, onCollision = refuseCollision } = options;
  const toHost = wayOf(options.faultsToHost, options.pacedBy);
  const toEgms = wayOf(options.faultsToEgms, options.pacedBy);
  let listener: ((symbols: readonly LineSymbol[]) => void) | null = null;
  let answeredBy: number | null = null;

  function deliver(symbols: readonly HeardSymbol[]): void {
    for (const symbol of symbols) {
      if (symbol !== 'error' && isMarked(symbol)) answeredBy = null;
      for (const egm of egms) egm.hear(symbol);
    }
  }

  function reply(address: number, bytes: Uint8Array): void {
    if (answeredBy !== null) onCollision({ first: answeredBy, second: address });
    answeredBy = address;
    if (toHost === null) listener?.(Array.from(bytes));
    else toHost(Array.from(bytes), (symbols) => listener?.(symbols.filter((each) => each !== 'error')));
  }

  for (const egm of egms) {
    egm.onReply((bytes) => reply(egm.address, bytes));
    // Several machines chirp into each other's; nothing answers, so nothing collides.
    egm.onChirp(() => listener?.([mark(egm.address)]));
  }
  return {
    hear(symbols) {
      if (toEgms === null) deliver(symbols);
      else toEgms(symbols, deliver);
    },
    onReply(next) {
      listener = next;
    },
  };
}

function refuseCollision({ first, second }: Collision): never {
  throw new Error(`Machines ${first} and ${second} answered the same poll.`);
}

/** What befalls a message befalls it before it is on the wire. Null where nothing does, and no time passes. */
function wayOf(faults: Faults | undefined, pacedBy: Clock | undefined): Faults | null {
  const pacing = pacedBy && createPacing(pacedBy);
  if (!faults || !pacing) return faults ?? pacing ?? null;
  return (message, deliver) => faults(message, (changed) => pacing(changed, deliver));
}
