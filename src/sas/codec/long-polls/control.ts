/** Polls that tell the machine to do something (SAS.md 6.1). */
import { dateTime, dateTimeOrNone, type SasDateTime } from '../date-time.ts';
import { nothing, record } from '../fields.ts';
import { acknowledgedPoll, fixed, type LongPoll, type Mark, readPoll } from '../long-poll.ts';
import { binary, flag } from '../number-fields.ts';

const command = (code: number, name: string, summary: string) =>
  acknowledgedPoll(code, name, { chapter: '6.1', summary, request: fixed(nothing) });

const onOff = (code: number, name: string, { summary, mark }: { summary: string; mark?: Mark }) =>
  acknowledgedPoll(code, name, {
    chapter: '6.1',
    summary,
    ...(mark && { mark }),
    request: fixed(record({ enabled: flag })),
  });

/** Locks out play: the current game finishes, cash-out and attendant buttons stay alive. */
export const SHUTDOWN = command(0x01, 'SHUTDOWN', 'Lock out play');
export const STARTUP = command(0x02, 'STARTUP', 'Enable play');
export const SOUND_OFF = command(0x03, 'SOUND_OFF', 'Sound off');
export const SOUND_ON = command(0x04, 'SOUND_ON', 'Sound on');
export const GAME_SOUNDS_OFF = command(0x05, 'GAME_SOUNDS_OFF', 'Reel-spin and game-play sounds off');
export const BILL_ACCEPTOR_ON = command(0x06, 'BILL_ACCEPTOR_ON', 'Bill acceptor on');
export const BILL_ACCEPTOR_OFF = command(0x07, 'BILL_ACCEPTOR_OFF', 'Bill acceptor off');
export const ENTER_MAINTENANCE = command(0x0a, 'ENTER_MAINTENANCE', 'Enter maintenance mode');
export const LEAVE_MAINTENANCE = command(0x0b, 'LEAVE_MAINTENANCE', 'Leave maintenance mode');
export const REAL_TIME_EVENTS = onOff(0x0e, 'REAL_TIME_EVENTS', { summary: 'Real-time events off or on' });
export const AUTO_REBET = onOff(0xaa, 'AUTO_REBET', { summary: 'Auto rebet off or on', mark: '◐' });

/** Whether the two bytes are binary or BCD is not known: `90 00` was seen (SAS.md 15, 1). */
const DELAY = binary(2);

/** Delays the start of the next game, once, by so many tenths of a second. */
export const DELAY_GAME = acknowledgedPoll(0x2e, 'DELAY_GAME', {
  chapter: '6.1',
  summary: 'Delay the next game once, in units of 100 ms; coding of the number open',
  request: fixed(record({ tenths: DELAY })),
});

export const DATE_TIME: LongPoll<SasDateTime, null> = acknowledgedPoll(0x7f, 'DATE_TIME', {
  chapter: '6.1',
  summary: 'Set date and time',
  broadcast: true,
  request: fixed(dateTime),
});

/** `time` is null when the machine's clock shows none of the calendar. */
export const READ_DATE_TIME = readPoll(0x7e, 'READ_DATE_TIME', {
  chapter: '6.3',
  summary: 'Read date and time',
  answer: fixed(record({ time: dateTimeOrNone })),
});

export const CONTROL_POLLS: readonly LongPoll[] = [
  SHUTDOWN,
  STARTUP,
  SOUND_OFF,
  SOUND_ON,
  GAME_SOUNDS_OFF,
  BILL_ACCEPTOR_ON,
  BILL_ACCEPTOR_OFF,
  ENTER_MAINTENANCE,
  LEAVE_MAINTENANCE,
  REAL_TIME_EVENTS,
  DELAY_GAME,
  READ_DATE_TIME,
  DATE_TIME,
  AUTO_REBET,
];
