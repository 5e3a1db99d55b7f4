/** Polls that tell the machine to do something (SAS.md 6.1). */
import { dateTime, type SasDateTime } from '../date-time.ts';
import { flag, nothing, record } from '../fields.ts';
import { acknowledgedPoll, type LongPoll } from '../long-poll.ts';

/** Locks out play: the current game finishes, cash-out and attendant buttons stay alive. */
export const SHUTDOWN = acknowledgedPoll(0x01, 'SHUTDOWN', nothing);
export const STARTUP = acknowledgedPoll(0x02, 'STARTUP', nothing);
export const SOUND_OFF = acknowledgedPoll(0x03, 'SOUND_OFF', nothing);
export const SOUND_ON = acknowledgedPoll(0x04, 'SOUND_ON', nothing);
export const BILL_ACCEPTOR_ON = acknowledgedPoll(0x06, 'BILL_ACCEPTOR_ON', nothing);
export const BILL_ACCEPTOR_OFF = acknowledgedPoll(0x07, 'BILL_ACCEPTOR_OFF', nothing);
export const REAL_TIME_EVENTS = acknowledgedPoll(0x0e, 'REAL_TIME_EVENTS', record({ enabled: flag }));
export const DATE_TIME: LongPoll<SasDateTime, null> = acknowledgedPoll(0x7f, 'DATE_TIME', dateTime, {
  broadcast: true,
});

export const CONTROL_POLLS: readonly LongPoll[] = [
  SHUTDOWN,
  STARTUP,
  SOUND_OFF,
  SOUND_ON,
  BILL_ACCEPTOR_ON,
  BILL_ACCEPTOR_OFF,
  REAL_TIME_EVENTS,
  DATE_TIME,
];
