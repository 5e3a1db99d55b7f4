/** A line on which a share of all messages arrives damaged, late, twice or not at all (SAS.md 13.1 item 10). */
import { isMarked, type LineSymbol } from '../codec/symbol.ts';
import type { Clock, HeardSymbol } from '../host/port.ts';
import type { Faults } from './faults.ts';
import { between, pick, type Random } from './random.ts';

export const MESSAGE_FAULTS = ['DROP', 'FLIP_BIT', 'FLIP_MARK', 'INSERT', 'CUT', 'REPEAT', 'DELAY'] as const;

export type MessageFault = (typeof MESSAGE_FAULTS)[number];

export interface MessageFaultOptions {
  /** From 0, no message, to 1, every message. */
  readonly share: number;
  readonly kinds?: readonly MessageFault[];
  readonly random: Random;
  readonly clock: Clock;
  /** A delay is from 1 ms to this; what comes behind a late message is late, too. */
  readonly longestDelayMs?: number;
  /** Told of each message that was hit. */
  readonly onFault?: (kind: MessageFault) => void;
}

const MARK_BIT = 0x100;
const LONGEST_DELAY_MS = 100;
/** The shortest message with a checksum. */
const CHECKED_SYMBOLS = 3;

/**
 * One or two bytes carry no checksum: another byte in their place is another message, which acknowledges or is
 * believed, and no protocol can tell. They are lost, late, doubled, and surrounded by noise, but never altered. For
 * the same reason the host's address byte is not, though it may lose its mark, nor does another byte get one.
 */
export function createMessageFaults(options: MessageFaultOptions): Faults {
  const { share, kinds = MESSAGE_FAULTS, random, clock, longestDelayMs = LONGEST_DELAY_MS } = options;
  /** What may not overtake a late message. */
  const late: (() => void)[] = [];

  function inOrder(deliver: () => void): void {
    if (late.length > 0) late.push(deliver);
    else deliver();
  }

  function delayed(deliver: () => void): void {
    late.push(deliver);
    if (late.length > 1) return;
    clock.setTimer(between(random, 1, longestDelayMs), () => {
      for (const each of late.splice(0)) each();
    });
  }

  return (symbols, deliver) => {
    for (const message of messagesOf(symbols)) {
      const kind = random() < share ? pick(random, kinds) : null;
      if (kind !== null) options.onFault?.(kind);
      if (kind === 'DELAY') delayed(() => deliver(message));
      else inOrder(() => deliver(kind === null ? message : damaged(message, kind, random)));
    }
  };
}

/** Several messages may come in one piece; each begins with a mark. */
function messagesOf(symbols: readonly HeardSymbol[]): HeardSymbol[][] {
  const messages: HeardSymbol[][] = [];
  for (const symbol of symbols) {
    const begins = symbol !== 'error' && isMarked(symbol);
    if (begins || messages.length === 0) messages.push([]);
    messages.at(-1)?.push(symbol);
  }
  return messages;
}

function damaged(
  message: readonly HeardSymbol[],
  kind: Exclude<MessageFault, 'DELAY'>,
  random: Random,
): HeardSymbol[] {
  const isChecked = message.length >= CHECKED_SYMBOLS;
  const [first] = message;
  const isOfHost = first !== undefined && first !== 'error' && isMarked(first);
  const at = isChecked ? between(random, isOfHost ? 1 : 0, message.length - 1) : 0;
  const changed = (change: (symbol: LineSymbol) => LineSymbol) =>
    message.map((symbol, index) => (index === at && symbol !== 'error' ? change(symbol) : symbol));
  if (kind === 'FLIP_MARK')
    return isOfHost ? [first ^ MARK_BIT, ...message.slice(1)] : changed((symbol) => symbol ^ MARK_BIT);
  if (kind === 'FLIP_BIT' && isChecked) return changed((symbol) => symbol ^ (1 << between(random, 0, 7)));
  if (kind === 'INSERT') {
    const place = isChecked ? at : pick(random, [0, message.length]);
    return [...message.slice(0, place), between(random, 0x00, 0xff), ...message.slice(place)];
  }
  if (kind === 'CUT') return message.slice(0, between(random, 0, message.length - 1));
  return kind === 'REPEAT' ? [...message, ...message] : [];
}
