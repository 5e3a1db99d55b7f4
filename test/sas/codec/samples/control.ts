import * as control from '../../../../src/sas/codec/long-polls/control.ts';
import { answer, request, type Sample } from './sample.ts';

const JULY = { year: 2020, month: 7, day: 12, hour: 2, minute: 15, second: 1 };
const LEAP_DAY = { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 59 };

export const CONTROL_REQUESTS: readonly Sample[] = [
  request(control.SHUTDOWN, '01 01', {}),
  request(control.STARTUP, '01 02', {}),
  request(control.SOUND_OFF, '01 03', {}),
  request(control.SOUND_ON, '7F 04', {}),
  request(control.GAME_SOUNDS_OFF, '01 05', {}),
  request(control.BILL_ACCEPTOR_ON, '01 06', {}),
  request(control.BILL_ACCEPTOR_OFF, '01 07', {}),
  request(control.ENTER_MAINTENANCE, '01 0A', {}),
  request(control.LEAVE_MAINTENANCE, '01 0B', {}),
  request(control.REAL_TIME_EVENTS, '01 0E 01', { enabled: true }),
  request(control.REAL_TIME_EVENTS, '01 0E 00', { enabled: false }),
  request(control.AUTO_REBET, '01 AA 01', { enabled: true }),
  request(control.DELAY_GAME, '01 2E 90 00', { tenths: 0x90 }),
  request(control.READ_DATE_TIME, '01 7E', {}),
  request(control.DATE_TIME, '01 7F 07 12 20 20 02 15 01', JULY),
  request(control.DATE_TIME, '00 7F 02 29 20 24 23 59 59', LEAP_DAY),
];

export const CONTROL_ANSWERS: readonly Sample[] = [
  answer(control.READ_DATE_TIME, '01 7E 07 12 20 20 02 15 01', { time: JULY }),
  answer(control.READ_DATE_TIME, '01 7E 00 00 00 00 00 00 00', { time: null }),
];
