import { AFT_LOCK } from '../../src/sas/codec/long-polls/aft-lock.ts';
import { AFT_TRANSFER } from '../../src/sas/codec/long-polls/aft-transfer.ts';
import { isMarked } from '../../src/sas/codec/symbol.ts';
import type { HeardSymbol } from '../../src/sas/host/port.ts';
import type { Faults } from '../../src/sas/simulator/faults.ts';

/**
 * The steps of a transfer on its line. The host asks what the machine can do (STATUS), has it locked (LOCK), sends the
 * transfer (ORDER), asks what became of it (ASK), and hears how it ended (END_TOLD), which its next message acknowledges
 * (AFTER_END). What is TOLD is an answer.
 *
 * How much of that message still passes: nothing, a part, or all of it.
 */
export const MOMENTS = [
  'STATUS NONE',
  'STATUS SOME',
  'STATUS_TOLD SOME',
  'LOCK NONE',
  'LOCK SOME',
  'LOCK ALL',
  'LOCK_TOLD SOME',
  'ORDER NONE',
  'ORDER SOME',
  'ORDER ALL',
  'ORDER_TOLD SOME',
  'AFTER_ORDER NONE',
  'ASK NONE',
  'ASK ALL',
  'ASK_TOLD SOME',
  'END_TOLD NONE',
  'END_TOLD SOME',
  'AFTER_END NONE',
  'AFTER_END ALL',
] as const;
export type Moment = (typeof MOMENTS)[number];

type Question = 'STATUS' | 'LOCK' | 'ORDER' | 'ASK';

export interface Cut {
  readonly moment: Moment;
  /** From 0 to 1: how much of a message of which SOME passes. */
  readonly share: number;
  /** Called with the last byte that passes, before anything else happens in this process. */
  readonly onCut: () => void;
  /** Called whenever the machine has heard the whole order. */
  readonly onOrdered: () => void;
}

/** A line of one machine as seen from the middle of its cable. */
export interface AftRelay {
  readonly faultsToEgms: Faults;
  readonly faultsToHost: Faults;
  readonly isCut: boolean;
  /** From now on nothing the machine says of transfers arrives, or all of it again. */
  deafen(isDeaf: boolean): void;
  /** Nothing passes from that moment of the next transfer on. */
  cutAt(cut: Cut): void;
  /** Everything passes, and what was to be cut is not. */
  mend(): void;
}

type Symbols = readonly HeardSymbol[];
type Deliver = (symbols: Symbols) => void;

export function anAftRelay(): AftRelay {
  let isDeaf = false;
  let isCut = false;
  let cut: Cut | null = null;
  let onOrdered = () => {};
  /** Whether the host has begun to send the transfer. */
  let isOrdered = false;
  let asked: Question | null = null;
  /** What the host heard last, until it says something more. */
  let told: readonly string[] = [];

  /** @param names what this message is among the steps */
  function pass(names: readonly string[], symbols: Symbols, deliver: Deliver): void {
    if (isCut) return;
    const [message = '', passes] = cut?.moment.split(' ') ?? [];
    if (!cut || !names.includes(message)) {
      deliver(symbols);
      if (names.includes('ORDER')) onOrdered();
      return;
    }
    // Before the machine hears a byte: it answers at once.
    isCut = true;
    const part = 1 + Math.floor(cut.share * (symbols.length - 1));
    const many = passes === 'NONE' ? 0 : passes === 'ALL' ? symbols.length : part;
    if (many > 0) deliver(symbols.slice(0, many));
    if (many === symbols.length && names.includes('ORDER')) onOrdered();
    cut.onCut();
  }

  return {
    get isCut() {
      return isCut;
    },
    faultsToEgms(symbols, deliver) {
      for (const message of messagesOf(symbols)) {
        const names = told;
        told = [];
        asked = questionOf(message);
        isOrdered ||= asked === 'ORDER';
        // Of an earlier one: a machine that came is asked for its last transfer.
        if (asked === 'ASK' && !isOrdered) asked = null;
        pass(asked === null ? names : [...names, asked], message, deliver);
      }
    },
    faultsToHost(symbols, deliver) {
      const isOfTransfer = symbols[1] === AFT_TRANSFER.code;
      if (isDeaf && isOfTransfer) return;
      const isEnd = isOrdered && isOfTransfer && symbols[STATUS_AT] !== PENDING;
      const of = [...(asked ? [asked] : []), ...(isEnd ? ['END'] : [])];
      const names = of.map((what) => `${what}_TOLD`);
      pass(names, symbols, deliver);
      told = of.map((what) => `AFTER_${what}`);
    },
    deafen(deaf) {
      isDeaf = deaf;
    },
    cutAt(next) {
      cut = next;
      onOrdered = next.onOrdered;
      isOrdered = false;
      told = [];
    },
    mend() {
      cut = null;
      isCut = false;
    },
  };
}

/** The status in an answer, behind address, poll, length and position. */
const STATUS_AT = 4;
const REQUEST = 0x00;
const STATUS_ONLY = 0xff;
const INTERROGATE = 0xff;
const PENDING = 0x40;

/** Each begins with a mark. A poll to address 0 may stand in front of another, and what was said again behind the first. */
function messagesOf(symbols: Symbols): Symbols[] {
  const messages: HeardSymbol[][] = [];
  for (const symbol of symbols) {
    const last = messages.at(-1);
    if (!last || (symbol !== 'error' && isMarked(symbol))) messages.push([symbol]);
    else last.push(symbol);
  }
  return messages;
}

function questionOf([, poll, lock, kind]: Symbols): Question | null {
  if (poll === AFT_LOCK.code) return lock === REQUEST ? 'LOCK' : lock === STATUS_ONLY ? 'STATUS' : null;
  if (poll !== AFT_TRANSFER.code) return null;
  return kind === INTERROGATE ? 'ASK' : 'ORDER';
}
