import { describe, expect, test } from 'vitest';
import {
  BILL_ACCEPTOR_OFF,
  BILL_ACCEPTOR_ON,
  DATE_TIME,
  SHUTDOWN,
  SOUND_OFF,
  SOUND_ON,
  STARTUP,
} from '../../../src/sas/codec/long-polls/control.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import { createEgm, type Egm } from '../../../src/sas/simulator/egm.ts';
import { manualClock } from './manual-clock.ts';
import { aTalk, drain } from './talk.ts';

const meter = (egm: Egm, name: MeterName): bigint => egm.meters().get(meterCode(name)) ?? -1n;

function anEgmWith(dollars: bigint): Egm {
  const egm = createEgm({ address: 1 });
  if (dollars > 0n) expect(egm.insertBill(dollars)).toBeNull();
  return egm;
}

describe('playing', () => {
  test('a lost game moves its wager and counts once', () => {
    const egm = anEgmWith(5n);
    expect(egm.play({ wager: 10n, win: 0n })).toBeNull();
    expect(meter(egm, 'COIN_IN')).toBe(10n);
    expect(meter(egm, 'CURRENT_CREDITS')).toBe(490n);
    expect(meter(egm, 'GAMES_PLAYED')).toBe(1n);
    expect([meter(egm, 'GAMES_WON'), meter(egm, 'GAMES_LOST')]).toEqual([0n, 1n]);
    expect(meter(egm, 'TOTAL_WON')).toBe(0n);
  });

  test('a win goes to the credit meter when the game ends, not before', () => {
    const egm = anEgmWith(5n);
    egm.startGame({ wager: 10n, win: 40n });
    expect(meter(egm, 'CURRENT_CREDITS')).toBe(490n);
    expect(meter(egm, 'GAMES_PLAYED')).toBe(0n);
    egm.endGame();
    expect(meter(egm, 'CURRENT_CREDITS')).toBe(530n);
    for (const name of ['COIN_OUT', 'MACHINE_PAID_PAYTABLE_WIN', 'TOTAL_WON'] as const)
      expect(meter(egm, name)).toBe(40n);
    expect([meter(egm, 'GAMES_WON'), meter(egm, 'GAMES_LOST')]).toEqual([1n, 0n]);
  });

  test('ending a game that never started changes nothing', () => {
    const egm = anEgmWith(5n);
    const before = egm.state();
    egm.endGame();
    expect(egm.state()).toEqual(before);
  });

  test('a win at the jackpot limit is paid by an attendant, and holds up play until then', () => {
    const egm = anEgmWith(5n);
    egm.play({ wager: 100n, win: 120_000n });
    expect(meter(egm, 'CURRENT_CREDITS')).toBe(400n);
    for (const name of ['JACKPOT', 'ATTENDANT_PAID_PAYTABLE_WIN', 'TOTAL_WON', 'TOTAL_HAND_PAID'] as const) {
      expect(meter(egm, name)).toBe(120_000n);
    }
    expect(meter(egm, 'COIN_OUT')).toBe(0n);
    expect(egm.state().handpays).toMatchObject([{ cents: 120_000n, level: 0x00 }]);
    expect(egm.play({ wager: 1n, win: 0n })).toBe('HANDPAY_PENDING');
    egm.resetHandpay();
    expect(egm.play({ wager: 1n, win: 0n })).toBeNull();
  });

  test.each<[string, (egm: Egm) => void, bigint]>([
    ['NOT_ENOUGH_CREDITS', () => {}, 501n],
    ['BAD_WAGER', () => {}, 0n],
    ['BAD_WAGER', () => {}, 101n],
    ['GAME_IN_PROGRESS', (egm) => egm.startGame({ wager: 1n, win: 0n }), 1n],
    ['DOOR_OPEN', (egm) => egm.openDoor(), 1n],
  ])('%s refuses a game and changes no meter', (refusal, prepare, wager) => {
    const egm = createEgm({ address: 1, settings: { maxBet: refusal === 'BAD_WAGER' ? 100 : 255 } });
    egm.insertBill(5n);
    prepare(egm);
    const before = new Map(egm.meters());
    expect(egm.play({ wager, win: 1n })).toBe(refusal);
    expect(egm.meters()).toEqual(before);
  });

  test('max bet 255 is no limit but that of the event', () => {
    const egm = createEgm({ address: 1, settings: { maxBet: 255 } });
    for (let bill = 0; bill < 2; bill += 1) egm.insertBill(100n);
    expect(egm.play({ wager: 10_000n, win: 0n })).toBe('BAD_WAGER');
    expect(egm.play({ wager: 9_999n, win: 0n })).toBeNull();
  });
});

describe('the lock of polls 01 and 02', () => {
  test('lets the game under way finish and then refuses play', () => {
    const talk = aTalk();
    talk.egm.insertBill(5n);
    talk.egm.startGame({ wager: 10n, win: 40n });
    expect(talk.ask(SHUTDOWN, {})).toBe('01');
    expect(talk.egm.locked).toBe(true);
    talk.egm.endGame();
    expect(meter(talk.egm, 'CURRENT_CREDITS')).toBe(530n);
    expect(talk.egm.play({ wager: 1n, win: 0n })).toBe('LOCKED');
    expect(meter(talk.egm, 'COIN_IN')).toBe(10n);
    expect(talk.ask(STARTUP, {})).toBe('01');
    expect(talk.egm.play({ wager: 1n, win: 0n })).toBeNull();
  });

  test('leaves cash-out alive', () => {
    const talk = aTalk();
    talk.egm.insertBill(5n);
    talk.ask(SHUTDOWN, {});
    expect(talk.egm.cashOut()).toBeNull();
  });
});

describe('bills', () => {
  test('a bill is credited by the denomination and counted everywhere it belongs', () => {
    const egm = createEgm({ address: 1, settings: { denomination: 0x02 } });
    egm.insertBill(20n);
    for (const name of [
      'BILLS_ACCEPTED_CREDITS',
      'BILLS_TO_DROP_CREDITS',
      'TOTAL_DROP',
      'CURRENT_CREDITS',
      'BILLS_IN_STACKER_CREDITS',
    ] as const) {
      expect(meter(egm, name)).toBe(400n);
    }
    expect([meter(egm, 'BILLS_ACCEPTED_20'), meter(egm, 'BILLS_IN_STACKER')]).toEqual([1n, 1n]);
    expect(egm.state().billsAcceptedDollars).toBe(20n);
  });

  test('a disabled acceptor rejects the bill with 2B and takes it again when enabled', () => {
    const talk = aTalk();
    expect(talk.ask(BILL_ACCEPTOR_OFF, {})).toBe('01');
    expect(talk.egm.billAcceptorEnabled).toBe(false);
    expect(talk.egm.insertBill(20n)).toBe('ACCEPTOR_DISABLED');
    expect(meter(talk.egm, 'CURRENT_CREDITS')).toBe(0n);
    expect(drain(talk)).toEqual(['2B']);
    expect(talk.ask(BILL_ACCEPTOR_ON, {})).toBe('01');
    expect(talk.egm.insertBill(20n)).toBeNull();
    expect(drain(talk)).toEqual(['4A']);
  });

  test.each<[string, bigint, number]>([
    ['nobody prints', 3n, 0x01],
    ['without a counter', 500n, 0x01],
    ['that is no whole number of credits', 1n, 0x0d],
  ])('a bill %s comes out again', (_, dollars, denomination) => {
    const talk = aTalk({ settings: { denomination } });
    expect(talk.egm.insertBill(dollars)).toBe('UNKNOWN_BILL');
    expect(drain(talk)).toEqual(['2B']);
  });

  test('an open door takes no bill', () => {
    const egm = anEgmWith(0n);
    egm.openDoor();
    expect(egm.insertBill(5n)).toBe('DOOR_OPEN');
  });

  test('a machine of an unknown denomination cannot take money', () => {
    expect(() => createEgm({ address: 1, settings: { denomination: 0x40 } }).insertBill(5n)).toThrow(
      RangeError,
    );
  });
});

describe('cash-out', () => {
  test('cancels all credits into the hand-paid meters', () => {
    const egm = anEgmWith(5n);
    egm.play({ wager: 100n, win: 30n });
    expect(egm.cashOut()).toBeNull();
    expect(meter(egm, 'CURRENT_CREDITS')).toBe(0n);
    for (const name of ['CANCELLED_CREDITS', 'HAND_PAID_CANCELLED_CREDITS', 'TOTAL_HAND_PAID'] as const) {
      expect(meter(egm, name)).toBe(430n);
    }
    expect(egm.state().handpays).toMatchObject([{ cents: 430n, level: 0x80 }]);
  });

  test('leaves credits on the meter that are no whole cent', () => {
    const egm = createEgm({ address: 1, settings: { denomination: 0x1f } });
    egm.insertBill(1n);
    egm.play({ wager: 1n, win: 0n });
    egm.cashOut();
    expect(meter(egm, 'CURRENT_CREDITS')).toBe(19n);
    expect(egm.state().handpays).toMatchObject([{ cents: 99n }]);
  });

  test.each<[string, (egm: Egm) => void]>([
    ['GAME_IN_PROGRESS', (egm) => egm.startGame({ wager: 1n, win: 0n })],
    ['DOOR_OPEN', (egm) => egm.openDoor()],
    ['NO_CREDITS', (egm) => egm.cashOut()],
  ])('%s refuses it', (refusal, prepare) => {
    const egm = anEgmWith(5n);
    prepare(egm);
    expect(egm.cashOut()).toBe(refusal);
  });
});

describe('the rest of the cabinet', () => {
  test('the door counts its openings and restarts the games since', () => {
    const egm = anEgmWith(5n);
    egm.play({ wager: 1n, win: 0n });
    expect(meter(egm, 'GAMES_SINCE_DOOR_CLOSED')).toBe(1n);
    for (let time = 0; time < 2; time += 1) egm.openDoor();
    expect(egm.state()).toMatchObject({ slotDoorOpen: true, slotDoorOpens: 1n });
    for (let time = 0; time < 2; time += 1) egm.closeDoor();
    expect(meter(egm, 'GAMES_SINCE_DOOR_CLOSED')).toBe(0n);
    expect(meter(egm, 'GAMES_SINCE_POWER_RESET')).toBe(1n);
  });

  test('sound follows 03 and 04', () => {
    const talk = aTalk();
    talk.ask(SOUND_OFF, {});
    expect(talk.egm.state().soundOn).toBe(false);
    talk.ask(SOUND_ON, {});
    expect(talk.egm.state().soundOn).toBe(true);
  });

  test('7F sets the clock, and it runs on', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    talk.ask(DATE_TIME, { year: 2031, month: 12, day: 31, hour: 23, minute: 59, second: 58 });
    clock.advance(3_000);
    expect(talk.egm.state().clock).toEqual({ year: 2032, month: 1, day: 1, hour: 0, minute: 0, second: 1 });
  });

  test('a listener hears each change until it is disposed, and nothing that changes nothing', () => {
    const egm = anEgmWith(5n);
    const heard: (bigint | undefined)[] = [];
    const listening = egm.onChange((state) => heard.push(state.meters.get(meterCode('COIN_IN'))));
    egm.play({ wager: 5n, win: 0n });
    egm.closeDoor();
    egm.endGame();
    listening[Symbol.dispose]();
    egm.play({ wager: 5n, win: 0n });
    expect(heard).toEqual([5n, 5n]);
  });
});
