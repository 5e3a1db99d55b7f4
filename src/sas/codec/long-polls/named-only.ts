/** Polls that are known by name and not by layout: never sent, and met with silence (SAS.md 6.3, 6.6 and 6.7). */
import type { LongPollType, Mark } from '../long-poll.ts';
import type { RequestLength } from '../request-length.ts';

export interface NamedPoll {
  readonly code: number;
  /** Null where nobody says. */
  readonly type: LongPollType | null;
  readonly chapter: string;
  readonly summary: string;
  readonly mark: Mark;
  /** Null when its end is only the next message. */
  readonly requestLength: RequestLength | null;
}

type Row = readonly [code: number, type: LongPollType | null, summary: string];

const named =
  (chapter: string) =>
  ([code, type, summary]: Row): NamedPoll => ({
    code,
    type,
    chapter,
    summary,
    mark: '○',
    requestLength: LENGTHS.get(code) ?? null,
  });

/** Frames met in the field: `A 66 00 c c`, and `A 69 nn ack:1 amount:4BCD c c`. */
const LENGTHS: ReadonlyMap<number, RequestLength> = new Map([
  [0x66, 5],
  [0x69, 10],
]);

const SAS_603: readonly Row[] = [
  [0x59, 'R', 'SAS 6.03: enabled currency codes'],
  [0x5a, 'S', 'SAS 6.03: supported bills'],
  [0x5b, 'S', 'SAS 6.03: bill meters'],
  [0x5c, 'S', 'SAS 6.03: foreign bill reporting mode'],
  [0x5d, 'R', 'SAS 6.03: non-SAS progressive win data'],
  [0x5e, 'R', 'SAS 6.03: configured progressive controllers'],
  [0x5f, 'S', 'SAS 6.03: progressive broadcast values'],
  [0x77, 'R', 'SAS 6.03: progressive accounting data'],
  [0x7a, 'S', 'SAS 6.03: extended progressive broadcast'],
  [0xb6, 'S', 'SAS 6.03: meter collect status'],
];

const LEGACY_TRANSFER_CODES = [
  0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b,
];

export const NAMED_POLLS: readonly NamedPoll[] = [
  ...SAS_603.map(named('6.3')),
  named('6.6')([0x8b, 'S', 'Multiplied jackpot, obsolete']),
  ...LEGACY_TRANSFER_CODES.map((code) => named('6.7')([code, null, 'A transfer of SAS 3 to 5'])),
].sort((one, other) => one.code - other.code);
