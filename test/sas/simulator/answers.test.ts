import { describe, expect, test } from 'vitest';
import { REAL_TIME_EVENTS } from '../../../src/sas/codec/long-polls/control.ts';
import { HANDPAY_INFORMATION } from '../../../src/sas/codec/long-polls/handpay.ts';
import * as identity from '../../../src/sas/codec/long-polls/identity.ts';
import * as groups from '../../../src/sas/codec/long-polls/meter-groups.ts';
import * as selected from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { SINGLE_METER_POLLS } from '../../../src/sas/codec/long-polls/single-meters.ts';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { LONG_POLLS } from '../../../src/sas/codec/poll-table.ts';
import { ANSWERS } from '../../../src/sas/simulator/answers.ts';
import { newCabinetState } from '../../../src/sas/simulator/cabinet-state.ts';
import { isKnownPoll } from '../../../src/sas/simulator/known-polls.ts';
import { volatileMemory } from '../../../src/sas/simulator/memory.ts';
import { aTalk, drain, type Talk } from './talk.ts';

/** Five bills, a win, a loss, a jackpot, a cash-out and a door: no two meters alike. */
function usedMachine(): Talk {
  const talk = aTalk({ settings: { jackpotLimit: 1_000n } });
  const { egm } = talk;
  egm.openDoor();
  egm.closeDoor();
  for (const dollars of [1n, 5n, 20n, 20n, 100n]) egm.insertBill(dollars);
  egm.play({ wager: 7n, win: 13n });
  egm.play({ wager: 5n, win: 0n });
  egm.play({ wager: 3n, win: 2_500n });
  egm.resetHandpay();
  egm.cashOut();
  egm.resetHandpay();
  egm.insertBill(50n);
  drain(talk);
  return talk;
}

const COIN_IN = 15n;
const COIN_OUT = 13n;
const JACKPOT = 2_500n;
const DROP = 19_600n;
const CREDITS = 5_000n;
const CANCELLED = DROP - CREDITS - COIN_IN + COIN_OUT;

describe('answers', () => {
  test('are answers to polls of the codec', () => {
    expect([...ANSWERS.keys()].filter((code) => !LONG_POLLS.has(code))).toEqual([]);
  });

  test('single meters', () => {
    const talk = usedMachine();
    const values = Object.fromEntries(
      SINGLE_METER_POLLS.filter((poll) => isKnownPoll(poll.code, talk.egm.settings)).map((poll) => [
        poll.name,
        talk.read(poll, {}).value,
      ]),
    );
    expect(values).toMatchObject({
      CANCELLED_CREDITS: CANCELLED,
      COIN_IN,
      COIN_OUT,
      TOTAL_DROP: DROP,
      JACKPOT,
      GAMES_PLAYED: 3n,
      GAMES_WON: 2n,
      GAMES_LOST: 1n,
      CURRENT_CREDITS: CREDITS,
      BILLS_ACCEPTED_DOLLARS: 196n,
    });
  });

  test('groups of meters', () => {
    const talk = usedMachine();
    const five = { coinIn: COIN_IN, coinOut: COIN_OUT, totalDrop: DROP, jackpot: JACKPOT, gamesPlayed: 3n };
    expect(talk.read(groups.METERS_11_15, {})).toEqual(five);
    expect(talk.read(groups.METERS_10_15, {})).toEqual({ ...five, cancelledCredits: CANCELLED });
    expect(talk.read(groups.EIGHT_METERS, {})).toEqual({
      ...five,
      gamesWon: 2n,
      slotDoorOpens: 1n,
      powerResets: 1n,
    });
    expect(talk.read(groups.GAMES_SINCE, {})).toEqual({ gamesSincePowerReset: 3n, gamesSinceDoorClosed: 3n });
    expect(talk.read(groups.BILL_COUNTS, {})).toEqual({
      bills1: 1n,
      bills5: 1n,
      bills10: 0n,
      bills20: 2n,
      bills50: 1n,
      bills100: 1n,
    });
    expect(talk.read(HANDPAY_INFORMATION, {})).toMatchObject({ level: 0x00, cents: JACKPOT });
  });

  test('the field of a group is the meter METER_OF_FIELD says', () => {
    const talk = usedMachine();
    const answers = [
      groups.METERS_10_15,
      groups.METERS_11_15,
      groups.EIGHT_METERS,
      groups.GAMES_SINCE,
      groups.BILL_COUNTS,
    ].flatMap((poll) => Object.entries(talk.read(poll as typeof groups.METERS_11_15, {})));
    const coded = answers.filter(([field]) => groups.METER_OF_FIELD[field] !== undefined);
    expect(coded).toHaveLength(answers.length - 2);
    for (const [field, value] of coded) {
      expect([field, value]).toEqual([field, talk.egm.meters().get(groups.METER_OF_FIELD[field] ?? -1)]);
    }
  });

  test('who the machine is', () => {
    const settings = {
      gameId: 'XY',
      additionalId: '042',
      serialNumber: 'FW-0007',
      denomination: 0x02,
      maxBet: 50,
    };
    const talk = aTalk({ settings });
    expect(talk.read(identity.MACHINE_ID, {})).toEqual({
      gameId: 'XY',
      additionalId: '042',
      denomination: 0x02,
      maxBet: 50,
      progressiveGroup: 0,
      gameOptions: 0,
      paytableId: 'FW0001',
      basePercent: '9068',
    });
    expect(talk.read(identity.SAS_VERSION, {})).toEqual({ version: '602', serialNumber: 'FW-0007' });
    expect(talk.read(identity.NUMBER_OF_GAMES, {})).toEqual({ games: 0 });
    expect(talk.read(identity.SELECTED_GAME, {})).toEqual({ game: 0 });
  });

  test('the machine may be polled every 40 ms and has extended meters', () => {
    const { features } = aTalk().read(identity.FEATURES, { game: 0 });
    expect(features).toMatchObject({ fastPolling: true, extendedMeters: true, aft: false });
  });

  test('2F gives the meters the machine has, in the order asked', () => {
    const talk = usedMachine();
    const codes = [0x0c, 0x00, 0xa0, 0x44];
    expect(talk.read(selected.SELECTED_METERS, { game: 0, codes })).toEqual({
      game: 0,
      meters: [
        { code: 0x0c, value: CREDITS },
        { code: 0x00, value: COIN_IN },
        { code: 0x44, value: 2n },
      ],
    });
  });

  test.each([selected.EXTENDED_METERS, selected.EXTENDED_METERS_TWIN])(
    '$name answers size 0 for a meter the machine has not',
    (poll) => {
      expect(usedMachine().read(poll, { game: 0, codes: [0x0c, 0xa0, 0x0f0f] })).toEqual({
        game: 0,
        meters: [
          { code: 0x0c, size: 4, value: CREDITS },
          { code: 0xa0, size: 0, value: null },
          { code: 0x0f0f, size: 0, value: null },
        ],
      });
    },
  );

  test('meters roll over on the wire at a hundred million, and not in the machine', () => {
    const state = newCabinetState();
    const meters = new Map(state.meters).set(meterCode('COIN_IN'), 100_000_007n);
    const talk = aTalk({ memory: volatileMemory({ ...state, meters }) });
    expect(talk.read(groups.METERS_11_15, {}).coinIn).toBe(7n);
    expect(talk.read(selected.SELECTED_METERS, { game: 0, codes: [0] }).meters).toEqual([
      { code: 0, value: 7n },
    ]);
    expect(talk.egm.meters().get(0)).toBe(100_000_007n);
    talk.ask(REAL_TIME_EVENTS, { enabled: true });
    talk.egm.insertBill(1n);
    talk.egm.play({ wager: 1n, win: 0n });
    const [, started] = drain(talk);
    expect(started).toMatch(/^01 FF 7E 00 01 00 00 00 08 41 00/);
  });
});
