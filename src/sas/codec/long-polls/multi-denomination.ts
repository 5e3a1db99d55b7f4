/** Poll B0: another poll about one player denomination (SAS.md 6.3). */
import { type CodeIn, coded } from '../coded.ts';
import { SasDecodeError } from '../decode-error.ts';
import { codesOf, type Field } from '../fields.ts';
import {
  type AnswerOf,
  answeredPoll,
  type LongPoll,
  prefixed,
  type RequestOf,
  readLayout,
  writeLayout,
} from '../long-poll.ts';
import { byte } from '../number-fields.ts';
import { rawRest } from '../text-fields.ts';
import { ENABLE_GAME, ENABLED_GAMES, GAME_INFORMATION } from './games.ts';
import { EXTENDED_METERS, EXTENDED_METERS_TWIN, SELECTED_METERS } from './selected-meters.ts';
import { COIN_IN, COIN_OUT, GAMES_LOST, GAMES_PLAYED, GAMES_WON, JACKPOT } from './single-meters.ts';

/** What may stand behind B0. One source. */
export const BASE_POLLS = {
  ENABLE_GAME,
  COIN_IN,
  COIN_OUT,
  JACKPOT,
  GAMES_PLAYED,
  GAMES_WON,
  GAMES_LOST,
  SELECTED_METERS,
  ENABLED_GAMES,
  EXTENDED_METERS,
  EXTENDED_METERS_TWIN,
  GAME_INFORMATION,
} as const;

/** Why a machine does not take the base poll. One source. */
export const DENOMINATION_ERRORS = {
  NOT_SUPPORTED: 0x01,
  MALFORMED: 0x02,
  BASE_NOT_ALLOWED: 0x03,
  ONLY_WHOLE_MACHINE: 0x04,
  NOT_A_PLAYER_DENOMINATION: 0x05,
} as const;

type Bases = typeof BASE_POLLS;
type Base = keyof Bases;
type AnsweredBase = Exclude<Base, 'ENABLE_GAME'>;

interface Denominated {
  /** A code of SAS.md 7.1; 0 is the default denomination. */
  readonly denomination: number;
}

export type DenominatedRequest = Denominated &
  (
    | { readonly [B in Base]: { readonly base: B; readonly request: RequestOf<Bases[B]> } }[Base]
    /** Not allowed behind B0, or not readable: what error 02 and 03 are for. */
    | { readonly base: 'OTHER'; readonly code: number; readonly data: Uint8Array }
  );

export type DenominatedAnswer = Denominated &
  (
    | {
        readonly [B in AnsweredBase]: { readonly base: B; readonly answer: AnswerOf<Bases[B]> };
      }[AnsweredBase]
    /** The only base poll without data is acknowledged or refused by the machine's address, as it would be alone. */
    | { readonly base: 'ENABLE_GAME'; readonly accepted: boolean; readonly address: number }
    | { readonly base: 'ERROR'; readonly error: CodeIn<typeof DENOMINATION_ERRORS> }
  );

const BASES_BY_CODE: ReadonlyMap<number, LongPoll> = new Map(
  Object.values(BASE_POLLS).map((poll) => [poll.code, poll]),
);

/** The base poll's data has its length byte where it has one, and no CRC. */
const request: Field<DenominatedRequest> = {
  size: null,
  read(cursor) {
    const [denomination, code] = [byte.read(cursor), byte.read(cursor)];
    const data = rawRest.read(cursor);
    const poll = BASES_BY_CODE.get(code);
    const nested = poll && readNested(poll, data);
    if (nested === undefined) return { denomination, base: 'OTHER', code, data };
    return { denomination, base: poll?.name, request: nested } as DenominatedRequest;
  },
  write(value, out) {
    byte.write(value.denomination, out);
    if (value.base === 'OTHER') {
      byte.write(value.code, out);
      rawRest.write(value.data, out);
    } else {
      const poll: LongPoll = BASE_POLLS[value.base];
      byte.write(poll.code, out);
      writeLayout(poll.request, value.request, out);
    }
  },
  notation: () => 'denomination:1 base:1 baseData',
};

/** Undefined when the data are not those of the poll. */
function readNested(poll: LongPoll, data: Uint8Array): unknown {
  try {
    return readLayout(poll.request, data, 'EXACT');
  } catch (error) {
    if (error instanceof SasDecodeError) return undefined;
    throw error;
  }
}

const ERROR_BASE = 0x00;
const denominationError = coded(DENOMINATION_ERRORS);
const REFUSED_BIT = 0x80;

const answer: Field<DenominatedAnswer> = {
  size: null,
  read(cursor) {
    const [denomination, code] = [byte.read(cursor), byte.read(cursor)];
    if (code === ERROR_BASE) return { denomination, base: 'ERROR', error: denominationError.read(cursor) };
    const poll = BASES_BY_CODE.get(code);
    if (poll === undefined) throw new SasDecodeError(`${code.toString(16)} does not stand behind B0`);
    if (poll.answer === null) {
      const lone = byte.read(cursor);
      const accepted = lone < REFUSED_BIT;
      return { denomination, base: 'ENABLE_GAME', accepted, address: lone % REFUSED_BIT };
    }
    const nested = readLayout(poll.answer, rawRest.read(cursor), 'TAIL_IGNORED');
    return { denomination, base: poll.name, answer: nested } as DenominatedAnswer;
  },
  write(value, out) {
    byte.write(value.denomination, out);
    if (value.base === 'ERROR') {
      byte.write(ERROR_BASE, out);
      denominationError.write(value.error, out);
    } else if (value.base === 'ENABLE_GAME') {
      byte.write(ENABLE_GAME.code, out);
      byte.write(value.address + (value.accepted ? 0 : REFUSED_BIT), out);
    } else writeNested(BASE_POLLS[value.base], value.answer, out);
  },
  notation: () => 'denomination:1 base:1 baseReplyData | denomination:1 00 error:1',
  codes: () => codesOf({ error: denominationError }),
};

function writeNested(poll: LongPoll, value: unknown, out: number[]): void {
  byte.write(poll.code, out);
  if (poll.answer) writeLayout(poll.answer, value, out);
}

export const MULTI_DENOMINATION = answeredPoll(0xb0, 'MULTI_DENOMINATION', {
  chapter: '6.3',
  summary: 'Another poll, about one player denomination',
  request: prefixed(request),
  answer: prefixed(answer),
});
