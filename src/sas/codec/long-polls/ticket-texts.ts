/** What is printed on tickets (SAS.md 6.5). */
import { type CodeIn, type Codes, coded } from '../coded.ts';
import { type Field, listOf, record } from '../fields.ts';
import { answeredPoll, fixed, type LongPoll, prefixed } from '../long-poll.ts';
import { binary, byte } from '../number-fields.ts';
import { asciiCounted } from '../text-fields.ts';

const LONGEST_LINE = 40;
const LONGEST_TITLE = 16;

/** Codes of 7C. */
export const TICKET_TEXTS = {
  LOCATION: 0x00,
  ADDRESS_1: 0x01,
  ADDRESS_2: 0x02,
  RESTRICTED_TITLE: 0x10,
  DEBIT_TITLE: 0x20,
} as const;

const accepted = fixed(record({ result: coded({ REFUSED: 0x00, ACCEPTED: 0x01 }) }));

export interface Text<T extends Codes> {
  readonly code: CodeIn<T>;
  readonly text: string;
}

/** Texts by code; `limits` says how long one may be where it is not a line of 40 characters. */
export function texts<const T extends Codes>(
  codes: T,
  limits: Readonly<Partial<Record<CodeIn<T>, number>>>,
): Field<readonly Text<T>[]> {
  const code = coded(codes);
  const limitOf = (of: CodeIn<T>): number => limits[of] ?? LONGEST_LINE;
  return listOf({
    size: null,
    read(cursor) {
      const of = code.read(cursor);
      return { code: of, text: asciiCounted(limitOf(of)).read(cursor) };
    },
    write(value, out) {
      code.write(value.code, out);
      asciiCounted(limitOf(value.code)).write(value.text, out);
    },
    notation: () => 'code:1 len:1 text:A',
  });
}

/** No texts at all ask whether the machine has them. */
export const TICKET_TEXT = answeredPoll(0x7c, 'TICKET_TEXT', {
  chapter: '6.5',
  mark: '◐',
  summary: 'Set the texts of tickets',
  broadcast: true,
  request: prefixed(
    record({
      texts: texts(TICKET_TEXTS, { RESTRICTED_TITLE: LONGEST_TITLE, DEBIT_TITLE: LONGEST_TITLE }),
    }),
  ),
  answer: accepted,
});

export const TICKET_DATA = answeredPoll(0x7d, 'TICKET_DATA', {
  chapter: '6.5',
  summary: 'Set host id, expiration and address on tickets',
  broadcast: true,
  request: prefixed(
    record({
      hostId: binary(2),
      expirationDays: byte,
      location: asciiCounted(LONGEST_LINE),
      address1: asciiCounted(LONGEST_LINE),
      address2: asciiCounted(LONGEST_LINE),
    }),
  ),
  answer: accepted,
});

export const TICKET_TEXT_POLLS: readonly LongPoll[] = [TICKET_TEXT, TICKET_DATA];
