/** Real-time event frames, `A FF code [data] c c`, and the data some codes carry (SAS.md 9.2). */

import type { CodeIn } from './coded.ts';
import { withCrc } from './crc.ts';
import { SasDecodeError } from './decode-error.ts';
import { type Field, record } from './fields.ts';
import { type BONUS_TAXES, bonusWin } from './long-polls/bonus.ts';
import { billData } from './long-polls/cash.ts';
import { bcdNumber, byte, credits } from './number-fields.ts';

/** Exception 4F. `denomination` is a code of SAS.md 7.2 as it is on the wire; `count` is the bill meter. */
export interface BillAcceptedData {
  readonly kind: 'BILL_ACCEPTED';
  readonly country: number | null;
  readonly denomination: number;
  readonly count: bigint | null;
}

/** Exception 7C, amounts in credits. */
export interface LegacyBonusData {
  readonly kind: 'LEGACY_BONUS';
  readonly multiplier: number;
  readonly multipliedWin: bigint | null;
  readonly tax: CodeIn<typeof BONUS_TAXES>;
  readonly bonus: bigint | null;
}

/** Exception 7E, amounts in credits; `coinIn` already contains the wager. */
export interface GameStartedData {
  readonly kind: 'GAME_STARTED';
  readonly wagered: bigint | null;
  readonly coinIn: bigint | null;
  readonly wagerType: number;
  readonly progressiveGroup: number;
}

/** Exception 7F, in credits, bonus excluded. */
export interface GameEndedData {
  readonly kind: 'GAME_ENDED';
  readonly win: bigint | null;
}

/** Exception 88; the leftmost reel is 1. */
export interface ReelStoppedData {
  readonly kind: 'REEL_STOPPED';
  readonly reel: number;
  readonly stop: number;
}

/** Exception 8A. */
export interface GameRecallData {
  readonly kind: 'GAME_RECALL';
  readonly game: number | null;
  readonly entry: number | null;
}

/** Exception 8B, as read: the bit layout is open. */
export interface CardHeldData {
  readonly kind: 'CARD_HELD';
  readonly card: number;
}

/** Exception 8C. */
export interface GameSelectedData {
  readonly kind: 'GAME_SELECTED';
  readonly game: number | null;
}

export type EventData =
  | BillAcceptedData
  | LegacyBonusData
  | GameStartedData
  | GameEndedData
  | ReelStoppedData
  | GameRecallData
  | CardHeldData
  | GameSelectedData;

function kindOf<K extends string, T extends object>(
  kind: K,
  field: Field<T>,
): Field<{ readonly kind: K } & T> {
  return {
    size: field.size,
    read: (cursor) => ({ kind, ...field.read(cursor) }),
    write: (value, out) => field.write(value, out),
    notation: field.notation,
  };
}

const EVENT_DATA: ReadonlyMap<number, Field<EventData>> = new Map<number, Field<EventData>>([
  [0x4f, kindOf('BILL_ACCEPTED', billData)],
  [0x7c, kindOf('LEGACY_BONUS', bonusWin)],
  [
    0x7e,
    kindOf(
      'GAME_STARTED',
      record({ wagered: credits(2), coinIn: credits(4), wagerType: byte, progressiveGroup: byte }),
    ),
  ],
  [0x7f, kindOf('GAME_ENDED', record({ win: credits(4) }))],
  [0x88, kindOf('REEL_STOPPED', record({ reel: byte, stop: byte }))],
  [0x8a, kindOf('GAME_RECALL', record({ game: bcdNumber(2), entry: bcdNumber(2) }))],
  [0x8b, kindOf('CARD_HELD', record({ card: byte }))],
  [0x8c, kindOf('GAME_SELECTED', record({ game: bcdNumber(2) }))],
]);

/** The second byte of every real-time event frame. */
export const EVENT_MARKER = 0xff;

/** Address, marker, code and CRC: the length of an event without data. */
export const BARE_EVENT_BYTES = 5;

/** The length of the whole event frame when it carries its data. Some machines leave the data out. */
export const eventFrameBytes = (code: number): number => BARE_EVENT_BYTES + (EVENT_DATA.get(code)?.size ?? 0);

/** The data behind the code; null when the code has none or the machine sent none. @throws SasDecodeError */
export function decodeEventData(code: number, data: Uint8Array): EventData | null {
  const field = EVENT_DATA.get(code);
  if (data.length === 0) return null;
  if (field === undefined || data.length !== field.size) {
    throw new SasDecodeError(`event ${code.toString(16)} does not carry ${data.length} bytes`);
  }
  return field.read({ bytes: data, at: 0 });
}

/** The whole event frame. @throws RangeError when the data are those of another event. */
export function encodeEvent(address: number, code: number, data: EventData | null): Uint8Array {
  const bytes: number[] = [address, EVENT_MARKER, code];
  if (data !== null) {
    const field = EVENT_DATA.get(code);
    if (field === undefined) throw new RangeError(`event ${code.toString(16)} carries no data`);
    field.write(data, bytes);
  }
  return withCrc(Uint8Array.from(bytes));
}

/**
 * The player denomination a wager was made in, a code of SAS.md 7.1: the low six bits of the wager type.
 * Bits 6 and 7 mean something else; 0 is no denomination.
 */
export const wagerDenomination = (wagerType: number): number => wagerType & 0x3f;
