/** Polls that are known by name and not by layout: never sent, and met with silence (SAS.md 6.3, 6.6 and 6.7). */
import type { LongPollType, Mark } from '../long-poll.ts';
import type { RequestLength } from '../request-length.ts';

export interface NamedPoll {
  readonly code: number;
  /** Null where nobody says. */
  readonly type: LongPollType | 'S/G' | null;
  readonly chapter: string;
  readonly summary: string;
  readonly mark: Mark;
  /** A request that was met in the field; null when its end is only the next message. */
  readonly request: { readonly frame: string; readonly bytes: RequestLength } | null;
}

type Row = readonly [code: number, type: NamedPoll['type'], summary: string];

const SAS_603: readonly Row[] = [
  [0x59, 'R', 'SAS 6.03: enabled currency codes'],
  [0x5a, 'S', 'SAS 6.03: supported bills'],
  [0x5b, 'S', 'SAS 6.03: bill meters'],
  [0x5c, 'S', 'SAS 6.03: foreign bill reporting mode'],
  [0x5d, 'R', 'SAS 6.03: non-SAS progressive win data'],
  [0x5e, 'R', 'SAS 6.03: configured progressive controllers'],
  [0x5f, 'S', 'SAS 6.03: progressive broadcast values'],
  [0x77, 'R', 'SAS 6.03: progressive accounting data'],
  [0x7a, 'S/G', 'SAS 6.03: extended progressive broadcast'],
  [0xb6, 'S', 'SAS 6.03: meter collect status'],
];

const LEGACY_TRANSFERS = [
  0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x62, 0x63, 0x64, 0x65, 0x67, 0x68, 0x6a, 0x6b,
] as const;

const named = (chapter: string, [code, type, summary]: Row): NamedPoll => ({
  code,
  type,
  chapter,
  summary,
  mark: '○',
  request: null,
});

export const NAMED_POLLS: readonly NamedPoll[] = [
  ...SAS_603.map((row) => named('6.3', row)),
  named('6.6', [0x8b, 'S', 'Multiplied jackpot, obsolete']),
  ...LEGACY_TRANSFERS.map((code) => named('6.7', [code, null, 'A transfer of SAS 3 to 5'])),
  {
    ...named('6.7', [0x66, null, 'SAS 3 to 5: ask for the amount']),
    request: { frame: 'A 66 00 c c', bytes: 5 },
  },
  {
    ...named('6.7', [0x69, null, 'SAS 3 to 5: load an amount']),
    request: { frame: 'A 69 nn ack:1 amount:4BCD c c', bytes: 10 },
  },
];
