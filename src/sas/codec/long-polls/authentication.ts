/** Whether the machine's program is the one it should be (SAS.md 6.3 and 6.5). */
import { coded } from '../coded.ts';
import { record } from '../fields.ts';
import { acknowledgedPoll, answeredPoll, fixed, type LongPoll, prefixed } from '../long-poll.ts';
import { binary } from '../number-fields.ts';
import { rawRest } from '../text-fields.ts';

/**
 * The signature comes later, in place of an exception: it is the CRC of the program memory, started from the seed.
 * That the request itself is acknowledged rests on one source.
 */
export const ROM_SIGNATURE = acknowledgedPoll(0x21, 'ROM_SIGNATURE', {
  chapter: '6.3',
  mark: '◐',
  summary: 'Start computing the ROM signature',
  request: fixed(record({ seed: binary(2) })),
});

/** Only the action is known; what follows it is not (SAS.md 15, 5). */
export const AUTHENTICATE_COMPONENT = answeredPoll(0x6e, 'AUTHENTICATE_COMPONENT', {
  chapter: '6.5',
  mark: '○',
  summary: 'Count, read or authenticate components; layout open',
  request: prefixed(
    record({
      action: coded({ COUNT: 0x00, READ: 0x01, AUTHENTICATE: 0x02, STATUS: 0x03 }),
      data: rawRest,
    }),
  ),
  answer: prefixed(record({ data: rawRest })),
});

export const AUTHENTICATION_POLLS: readonly LongPoll[] = [ROM_SIGNATURE, AUTHENTICATE_COMPONENT];
