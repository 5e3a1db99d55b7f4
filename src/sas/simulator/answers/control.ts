/** Polls that tell the machine to do something (SAS.md 6.1). */
import { SasDecodeError } from '../../codec/decode-error.ts';
import * as cash from '../../codec/long-polls/cash.ts';
import * as control from '../../codec/long-polls/control.ts';
import { ENABLE_GAME } from '../../codec/long-polls/games.ts';
import { isGame, withGameEnabled } from '../machine-games.ts';
import { type Answering, changing, on, setting } from './answering.ts';

const TAKEN_BILL = /^BILL_(\d+)$/;

/** A bill whose bit is to be defined is none. */
const dollarsOf = (bill: string | number): number[] => {
  const [, dollars] = TAKEN_BILL.exec(String(bill)) ?? [];
  return dollars === undefined ? [] : [Number(dollars)];
};

export const CONTROL_ANSWERS: readonly Answering[] = [
  setting(control.SHUTDOWN, { locked: true }),
  setting(control.STARTUP, { locked: false }),
  setting(control.SOUND_OFF, { soundOn: false }),
  setting(control.SOUND_ON, { soundOn: true, gameSoundsOn: true }),
  setting(control.GAME_SOUNDS_OFF, { gameSoundsOn: false }),
  setting(control.BILL_ACCEPTOR_ON, { billAcceptorEnabled: true }),
  setting(control.BILL_ACCEPTOR_OFF, { billAcceptorEnabled: false }),
  setting(control.ENTER_MAINTENANCE, { inMaintenance: true }),
  setting(control.LEAVE_MAINTENANCE, { inMaintenance: false }),
  changing(control.AUTO_REBET, (state, { enabled }) => ({ ...state, autoRebet: enabled })),
  changing(control.DELAY_GAME, (state, { tenths }) => ({ ...state, delayTenths: tenths })),
  changing(cash.BILL_DENOMINATIONS, (state, { bills, staysOn }) => ({
    ...state,
    bills: { ...state.bills, dollars: bills.flatMap(dollarsOf), staysOn },
  })),
  changing(ENABLE_GAME, (state, { game, enabled }, { cabinet: { settings } }) => {
    if (!isGame(settings, game)) throw new SasDecodeError(`no game ${game}`);
    return withGameEnabled(state, { game, denomination: null }, { enabled, settings });
  }),
  on(control.REAL_TIME_EVENTS, (machine, { enabled }) => {
    machine.setRealTime(enabled);
    return null;
  }),
  on(control.DATE_TIME, (machine, time) => {
    machine.setClock(time);
    return null;
  }),
  on(control.READ_DATE_TIME, (machine) => ({ time: machine.now().shown })),
];
