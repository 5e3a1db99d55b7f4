/** What a bad line does to symbols, before they are encoded into a byte stream (SAS.md 13.1 item 10). */
import type { LineSymbol } from '../codec/symbol.ts';
import type { Clock, HeardSymbol } from '../host/port.ts';
import { between, type Random } from './random.ts';

/** How likely each fault is: from 0, never, to 1, always. Those of a symbol count for each symbol. */
export interface FaultRates {
  readonly dropSymbol?: number;
  readonly flipDataBit?: number;
  readonly flipMark?: number;
  /** A random byte, unmarked, before the symbol. */
  readonly insertSymbol?: number;
  /** The rest of the message is lost. */
  readonly cutMessage?: number;
  readonly repeatMessage?: number;
  readonly delayMessage?: number;
}

export interface FaultOptions {
  readonly rates: FaultRates;
  readonly random: Random;
  /** Only delays need it. */
  readonly clock: Clock;
  /** The longest delay; a delay is from 1 ms to this. */
  readonly longestDelayMs: number;
}

/** Passes a message on: changed, twice, later, or not at all. */
export type Faults = (
  message: readonly HeardSymbol[],
  deliver: (message: readonly HeardSymbol[]) => void,
) => void;

/** The ninth bit of a symbol. */
const MARK_BIT = 0x100;

export function createFaults({ rates, random, clock, longestDelayMs }: FaultOptions): Faults {
  const happens = (rate = 0): boolean => rate > 0 && random() < rate;

  function damaged(symbol: HeardSymbol): HeardSymbol[] {
    const inserted = happens(rates.insertSymbol) ? [between(random, 0x00, 0xff)] : [];
    if (happens(rates.dropSymbol)) return inserted;
    if (symbol === 'error') return [...inserted, symbol];
    let flipped: LineSymbol = symbol;
    if (happens(rates.flipDataBit)) flipped ^= 1 << between(random, 0, 7);
    if (happens(rates.flipMark)) flipped ^= MARK_BIT;
    return [...inserted, flipped];
  }

  return (message, deliver) => {
    let symbols = message.flatMap(damaged);
    if (happens(rates.cutMessage)) symbols = symbols.slice(0, between(random, 0, symbols.length));
    const times = happens(rates.repeatMessage) ? 2 : 1;
    const delayMs = happens(rates.delayMessage) ? between(random, 1, longestDelayMs) : 0;
    for (let time = 0; time < times; time += 1) {
      if (delayMs > 0) clock.setTimer(delayMs, () => deliver(symbols));
      else deliver(symbols);
    }
  };
}
