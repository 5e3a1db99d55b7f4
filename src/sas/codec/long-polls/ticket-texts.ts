/** What is printed on tickets (SAS.md 6.5). */
import { type CodeIn, type Codes, coded } from '../coded.ts';
import { codesOf, type Field, listOf, record } from '../fields.ts';
import { acknowledgedPoll, answeredPoll, fixed, type LongPoll, prefixed } from '../long-poll.ts';
import { binary, byte } from '../number-fields.ts';
import { asciiCounted } from '../text-fields.ts';

const LONGEST_LINE = 40;
const LONGEST_TITLE = 16;
const LONGEST_SELECTOR = 3;
const LONGEST_TEXT = 0xff;

const accepted = fixed(record({ result: coded({ REFUSED: 0x00, ACCEPTED: 0x01 }) }));

export interface Text<T extends Codes> {
  readonly code: CodeIn<T>;
  readonly text: string;
}

interface TextCodes<T extends Codes> {
  readonly codes: T;
  /** The most characters of a text; LONGEST_TEXT where nothing is said. */
  readonly limits: Readonly<Partial<Record<CodeIn<T>, number>>>;
}

function texts<const T extends Codes>({ codes, limits }: TextCodes<T>): Field<readonly Text<T>[]> {
  const code = coded(codes);
  const limitOf = (of: CodeIn<T>): number => limits[of] ?? LONGEST_TEXT;
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
    codes: () => codesOf({ code }),
  });
}

const ADDRESS = { LOCATION: 0x00, ADDRESS_1: 0x01, ADDRESS_2: 0x02 } as const;
const ADDRESS_LIMITS = { LOCATION: LONGEST_LINE, ADDRESS_1: LONGEST_LINE, ADDRESS_2: LONGEST_LINE } as const;

const ticketTexts = texts({
  codes: { ...ADDRESS, RESTRICTED_TITLE: 0x10, DEBIT_TITLE: 0x20 },
  limits: { ...ADDRESS_LIMITS, RESTRICTED_TITLE: LONGEST_TITLE, DEBIT_TITLE: LONGEST_TITLE },
});

const AFT_TICKET_CODES = { ...ADDRESS, GRAPHICS: 0x03, TITLE: 0x10 } as const;

const aftTicketTexts = texts({
  codes: AFT_TICKET_CODES,
  limits: { ...ADDRESS_LIMITS, GRAPHICS: LONGEST_SELECTOR, TITLE: LONGEST_TITLE },
});

/** The codes of 75 are not known (SAS.md 15, 5). */
const receiptTexts = texts({ codes: {}, limits: {} });

/** No texts at all ask whether the machine has them. */
export const TICKET_TEXT = answeredPoll(0x7c, 'TICKET_TEXT', {
  chapter: '6.5',
  mark: '◐',
  summary: 'Set the texts of tickets',
  broadcast: true,
  request: prefixed(record({ texts: ticketTexts })),
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

export const AFT_RECEIPT_TEXT = acknowledgedPoll(0x75, 'AFT_RECEIPT_TEXT', {
  chapter: '6.5',
  mark: '○',
  summary: 'Set the texts of AFT receipts; codes open',
  broadcast: true,
  request: prefixed(record({ texts: receiptTexts })),
});

/** The answer names the texts the machine has now. */
export const AFT_TICKET_TEXT = answeredPoll(0x76, 'AFT_TICKET_TEXT', {
  chapter: '6.5',
  mark: '○',
  summary: 'Set or clear the texts of AFT tickets',
  request: prefixed(record({ action: coded({ SET: 0x00, CLEAR_ALL: 0x80 }), texts: aftTicketTexts })),
  answer: prefixed(record({ stored: listOf(coded(AFT_TICKET_CODES)) })),
});

export const TICKET_TEXT_POLLS: readonly LongPoll[] = [
  TICKET_TEXT,
  TICKET_DATA,
  AFT_RECEIPT_TEXT,
  AFT_TICKET_TEXT,
];
