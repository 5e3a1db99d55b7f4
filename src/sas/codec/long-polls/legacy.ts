/** Transfers of SAS 3 to 5, which a 6.02 host does not need (SAS.md 6.7). One source. */
import { record, times } from '../fields.ts';
import { fixed, type LongPoll, readPoll } from '../long-poll.ts';
import { bcd } from '../number-fields.ts';
import { rawBytes } from '../text-fields.ts';

const PROMOTIONAL_METERS = 4;
const LAST_TRANSFERS = 5;
const TRANSFER_BYTES = 9;

/** Which meter is which is not known. */
export const LEGACY_PROMOTIONAL_METERS = readPoll(0x1d, 'LEGACY_PROMOTIONAL_METERS', {
  chapter: '6.7',
  mark: '○',
  summary: 'Promotional meters of SAS 3 to 5',
  answer: fixed(record({ meters: times(PROMOTIONAL_METERS, bcd(4)) })),
});

/** What is in the 45 bytes is not known. */
export const LEGACY_TRANSFERS = readPoll(0x28, 'LEGACY_TRANSFERS', {
  chapter: '6.7',
  mark: '○',
  summary: 'The last five transfers of SAS 3 to 5; layout open',
  answer: fixed(record({ transfers: times(LAST_TRANSFERS, rawBytes(TRANSFER_BYTES)) })),
});

export const LEGACY_POLLS: readonly LongPoll[] = [LEGACY_PROMOTIONAL_METERS, LEGACY_TRANSFERS];
