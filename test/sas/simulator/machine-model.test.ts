import { describe, expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { ROM_SIGNATURE } from '../../../src/sas/codec/long-polls/authentication.ts';
import * as bonus from '../../../src/sas/codec/long-polls/bonus.ts';
import * as cash from '../../../src/sas/codec/long-polls/cash.ts';
import * as control from '../../../src/sas/codec/long-polls/control.ts';
import * as denominations from '../../../src/sas/codec/long-polls/denominations.ts';
import * as games from '../../../src/sas/codec/long-polls/games.ts';
import * as handpay from '../../../src/sas/codec/long-polls/handpay.ts';
import { NUMBER_OF_GAMES, SELECTED_GAME } from '../../../src/sas/codec/long-polls/identity.ts';
import { MULTI_DENOMINATION } from '../../../src/sas/codec/long-polls/multi-denomination.ts';
import * as progressives from '../../../src/sas/codec/long-polls/progressives.ts';
import { EXTENDED_METERS } from '../../../src/sas/codec/long-polls/selected-meters.ts';
import * as single from '../../../src/sas/codec/long-polls/single-meters.ts';
import * as tournament from '../../../src/sas/codec/long-polls/tournament.ts';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { LONG_POLLS } from '../../../src/sas/codec/poll-table.ts';
import { ANSWERS } from '../../../src/sas/simulator/answers.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import { DEFAULT_SETTINGS, type GameSettings } from '../../../src/sas/simulator/machine-settings.ts';
import { romSignature } from '../../../src/sas/simulator/program.ts';
import { manualClock } from './manual-clock.ts';
import { aTalk, drain, type Talk } from './talk.ts';

const game = (change: Partial<GameSettings>): GameSettings => ({ ...DEFAULT_SETTINGS, ...change });

const MANY = {
  features: {
    ...NO_FEATURES,
    multiDenomination: true,
    legacyBonus: true,
    tournament: true,
    extendedMeters: true,
    multipleProgressiveWins: true,
  },
  denominations: [0x01, 0x04],
  games: [
    game({ name: 'One', progressiveGroup: 2, progressiveLevels: [1, 3] }),
    game({
      name: 'Two',
      maxBet: 5,
      wagerCategories: [
        { upTo: 2n, payback: '8800' },
        { upTo: 5n, payback: '9200' },
      ],
    }),
  ],
};

function aCasinoOfGames(): { talk: Talk; clock: ReturnType<typeof manualClock> } {
  const clock = manualClock();
  const talk = aTalk({ clock, settings: MANY });
  talk.egm.insertBill(100n);
  talk.egm.selectGame(1);
  drain(talk);
  return { talk, clock };
}

test('polls without an answer are those whose layout nobody knows', () => {
  const unanswered = [...LONG_POLLS.values()].filter(({ code }) => !ANSWERS.has(code));
  expect(unanswered.map(({ name }) => name)).toEqual(['AUTHENTICATE_COMPONENT', 'CARDS']);
});

describe('games', () => {
  test('have meters of their own, and of their denominations', () => {
    const { talk } = aCasinoOfGames();
    talk.egm.play({ wager: 10n, win: 30n });
    talk.egm.selectGame(2, 0x04);
    talk.egm.play({ wager: 2n, win: 0n });
    talk.egm.play({ wager: 5n, win: 0n });
    drain(talk);
    const meters = (number: number) => {
      talk.sync();
      return talk.read(games.GAME_METERS, { game: number });
    };
    expect(meters(1)).toMatchObject({ coinIn: 10n, coinOut: 30n, gamesPlayed: 1n });
    expect(meters(2)).toMatchObject({ game: 2, coinIn: 7n, coinOut: 0n, gamesPlayed: 2n });
    expect(meters(0)).toMatchObject({ coinIn: 17n, gamesPlayed: 3n });
    const read = { game: 2, codes: [meterCode('COIN_IN'), meterCode('TOTAL_DROP')] };
    expect(talk.read(EXTENDED_METERS, read).meters).toMatchObject([{ value: 7n }, { size: 0 }]);
    const behind = (denomination: number) =>
      talk.read(MULTI_DENOMINATION, { denomination, base: 'COIN_IN', request: {} });
    expect(behind(0x04)).toMatchObject({ base: 'COIN_IN', answer: { value: 7n } });
    expect(behind(0x09)).toMatchObject({ base: 'COIN_IN' });
    talk.sync();
    expect(behind(0x09)).toMatchObject({ base: 'ERROR', error: 'NOT_A_PLAYER_DENOMINATION' });
    expect(talk.read(denominations.CURRENT_DENOMINATION, {})).toEqual({ denomination: 0x04 });
    const category = (number: number) => talk.read(games.WAGER_CATEGORY, { game: 2, category: number });
    expect(category(1)).toMatchObject({ payback: '8800', coinIn: { value: 2n } });
    talk.sync();
    expect(category(2)).toMatchObject({ payback: '9200', coinIn: { value: 5n } });
  });

  test('are chosen by the player and enabled by the host', () => {
    const { talk } = aCasinoOfGames();
    expect(talk.read(NUMBER_OF_GAMES, {})).toEqual({ games: 2 });
    expect(talk.read(SELECTED_GAME, {})).toEqual({ game: 1 });
    expect(talk.ask(games.ENABLE_GAME, { game: 1, enabled: false })).toBe('01');
    expect(talk.egm.startGame({ wager: 1n, win: 0n })).toBe('GAME_DISABLED');
    expect(talk.read(games.ENABLED_GAMES, {})).toEqual({ games: [2] });
    talk.sync();
    const enable = { base: 'ENABLE_GAME', request: { game: 1, enabled: true } } as const;
    talk.read(MULTI_DENOMINATION, { denomination: 0x01, ...enable });
    expect(talk.egm.play({ wager: 1n, win: 0n })).toBeNull();
    talk.egm.selectGame(1, 0x04);
    expect(talk.egm.startGame({ wager: 1n, win: 0n })).toBe('GAME_DISABLED');
    talk.sync();
    expect(talk.ask(games.ENABLE_GAME, { game: 3, enabled: true })).toBe('81');
  });

  test('start later once after 2E, and not in maintenance or with a tilt', () => {
    const { talk, clock } = aCasinoOfGames();
    const start = () => talk.egm.play({ wager: 1n, win: 0n });
    talk.ask(control.DELAY_GAME, { tenths: 20 });
    expect([start(), start()]).toEqual([null, 'DELAYED']);
    clock.advance(2_000);
    expect([start(), start()]).toEqual([null, null]);
    talk.ask(control.ENTER_MAINTENANCE, {});
    expect(start()).toBe('MAINTENANCE');
    talk.ask(control.LEAVE_MAINTENANCE, {});
    talk.egm.tilt(0x40);
    expect(start()).toBe('TILT');
    talk.egm.clearTilt(0x40);
    talk.egm.openDoor('BELLY');
    expect(start()).toBe('DOOR_OPEN');
    talk.egm.closeDoor('BELLY');
    expect(start()).toBeNull();
  });
});

describe('handpays', () => {
  const jackpot = () => {
    const talk = aTalk({ settings: { jackpotLimit: 1_000n } });
    talk.egm.insertBill(1n);
    talk.egm.play({ wager: 10n, win: 2_000n });
    drain(talk);
    return talk;
  };

  test('are read by 1B and reset by 94, once', () => {
    const talk = jackpot();
    expect(talk.read(handpay.HANDPAY_INFORMATION, {})).toMatchObject({ level: 0, cents: 2_000n, resetId: 1 });
    expect(talk.read(handpay.RESET_HANDPAY, {})).toEqual({ result: 'RESET' });
    expect(talk.read(handpay.RESET_HANDPAY, {})).toEqual({ result: 'RESET' });
    talk.sync();
    expect(talk.read(handpay.RESET_HANDPAY, {})).toEqual({ result: 'NO_HANDPAY' });
    expect(talk.egm.state().handpays).toEqual([]);
    talk.sync();
    expect(drain(talk)).toEqual(['52']);
  });

  test('of a win go to the credit meter if A8 says so; cancelled credits never do', () => {
    const talk = jackpot();
    const method = { method: 'CREDIT_METER' } as const;
    expect(talk.read(handpay.HANDPAY_RESET_METHOD, method)).toEqual({ result: 'OK' });
    talk.read(handpay.RESET_HANDPAY, {});
    expect(talk.egm.meters().get(meterCode('CURRENT_CREDITS'))).toBe(2_090n);
    expect(discrepancies(talk.egm.state())).toEqual([]);
    talk.egm.cashOut();
    talk.sync();
    expect(talk.read(handpay.HANDPAY_RESET_METHOD, method)).toEqual({ result: 'UNABLE' });
  });

  test('in the old way are told once, and by 1B only while they are open', () => {
    const clock = manualClock();
    const talk = aTalk({ clock, settings: { legacyHandpay: true } });
    talk.egm.insertBill(1n);
    talk.egm.cashOut();
    drain(talk);
    clock.advance(4_000);
    expect(talk.read(handpay.HANDPAY_INFORMATION, {}).cents).toBe(100n);
    talk.egm.resetHandpay();
    talk.sync();
    expect(talk.read(handpay.HANDPAY_INFORMATION, {}).cents).toBe(0n);
  });
});

describe('bills and coins', () => {
  test('08 says which bills are taken, and whether the acceptor stays on', () => {
    const talk = aTalk();
    talk.ask(cash.BILL_DENOMINATIONS, { bills: ['BILL_5', 'BILL_20'], staysOn: false });
    expect(talk.egm.insertBill(10n)).toBe('BILL_NOT_TAKEN');
    expect(talk.egm.insertBill(20n)).toBeNull();
    expect(talk.egm.insertBill(20n)).toBe('ACCEPTOR_DISABLED');
    talk.sync();
    expect(talk.read(cash.LAST_BILL, {})).toMatchObject({ denomination: 0x04, count: 1n });
  });

  test('coins fill the hopper, then the drop, and small cash-outs come out of it', () => {
    const coins = { tokenDenomination: 0x04, hopperCapacity: 3n, hopperPayLimit: 2n };
    const talk = aTalk({ settings: { coins } });
    for (let coin = 0; coin < 5; coin += 1) expect(talk.egm.insertCoin()).toBeNull();
    expect(talk.read(cash.HOPPER_STATUS, {})).toEqual({ status: 'OK', percentFull: 100, level: 3n });
    expect(talk.egm.meters().get(meterCode('COINS_TO_DROP_CREDITS'))).toBe(50n);
    talk.egm.play({ wager: 75n, win: 0n });
    talk.egm.cashOut();
    expect(talk.read(single.TRUE_COIN_OUT, {})).toEqual({ value: 2n });
    expect(talk.read(single.HOPPER_LEVEL, {})).toEqual({ value: 1n });
    expect(discrepancies(talk.egm.state())).toEqual([]);
  });
});

describe('progressives', () => {
  test('pay what the host told last, are told by 56, and read one after the other', () => {
    const { talk } = aCasinoOfGames();
    const levels = [
      { level: 1, cents: 5_000n },
      { level: 3, cents: 700n },
    ];
    talk.ask(progressives.PROGRESSIVE_LEVELS, { group: 2, levels });
    for (const progressiveLevel of [3, 1, 2]) talk.egm.play({ wager: 10n, win: 0n, progressiveLevel });
    talk.sync();
    expect(drain(talk)[0]).toBe('56');
    const win = () => talk.read(progressives.SAS_PROGRESSIVE_WIN, {});
    expect(talk.read(progressives.SAS_PROGRESSIVE_WINS, {})).toMatchObject({
      group: 2,
      wins: [{ level: 3 }, { level: 1 }],
    });
    talk.say(Uint8Array.of(0x01, 0x87));
    expect(talk.egm.state().awards.unreadWins).toHaveLength(2);
    talk.sync();
    expect(win()).toEqual({ group: 0, level: 0, cents: 0n });
    expect(talk.read(progressives.PROGRESSIVE_WIN, {})).toEqual({ group: 2, level: 1, cents: 5_000n });
    expect(talk.read(progressives.CUMULATIVE_PROGRESSIVE_WINS, { game: 1 }).credits).toBe(5_700n);
    expect(discrepancies(talk.egm.state())).toEqual([]);
  });

  test('that nobody tells of for five seconds are missed by 53', () => {
    const { talk, clock } = aCasinoOfGames();
    for (let second = 0; second < 8; second += 1) {
      talk.ask(progressives.PROGRESSIVE_LEVEL, { group: 2, level: 1, cents: 100n });
      talk.sync();
      clock.advance(1_000);
    }
    expect(drain(talk)).toEqual([]);
    clock.advance(4_500);
    talk.sync();
    expect(drain(talk)).toEqual(['53']);
  });
});

describe('bonuses and tournaments', () => {
  test('a bonus is paid once, told by 7C, and busy is the answer while a game runs', () => {
    const { talk } = aCasinoOfGames();
    const award = { credits: 250n, tax: 'DEDUCTIBLE' } as const;
    talk.egm.startGame({ wager: 1n, win: 0n });
    expect(talk.ask(bonus.LEGACY_BONUS, award)).toBe('01 00');
    talk.egm.endGame();
    expect(talk.ask(bonus.LEGACY_BONUS, award)).toBe('01');
    expect(talk.ask(bonus.LEGACY_BONUS, award)).toBe('01');
    expect(talk.read(bonus.LEGACY_BONUS_METERS, { game: 1 })).toMatchObject({ deductible: 250n });
    expect(talk.read(bonus.LEGACY_BONUS_WIN, {})).toMatchObject({ bonus: 250n, tax: 'DEDUCTIBLE' });
    expect(drain(talk)).toContain('7C');
    expect(discrepancies(talk.egm.state())).toEqual([]);
  });

  test('a tournament has credits and meters of its own, and an end', () => {
    const { talk, clock } = aCasinoOfGames();
    const credits = talk.egm.meters().get(meterCode('CURRENT_CREDITS'));
    talk.ask(tournament.TOURNAMENT, { game: 1, minutes: 0, seconds: 30, credits: 100n, pulses: 0 });
    talk.egm.play({ wager: 10n, win: 25n });
    expect(talk.egm.startGame({ wager: 100n, win: 0n })).toBeNull();
    talk.egm.endGame();
    expect(talk.egm.startGame({ wager: 16n, win: 0n })).toBe('NOT_ENOUGH_CREDITS');
    talk.sync();
    expect(talk.read(tournament.TOURNAMENT_METERS, { game: 1 })).toEqual({
      game: 1,
      gamesPlayed: 2n,
      gamesWon: 1n,
      creditsWagered: 110n,
      creditsWon: 25n,
    });
    expect(talk.egm.meters().get(meterCode('CURRENT_CREDITS'))).toBe(credits);
    clock.advance(30_000);
    expect(talk.egm.state().awards.tournament).toBeNull();
  });
});

describe('the program', () => {
  test('its signature comes in place of an exception, until it is acknowledged', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    expect(talk.ask(ROM_SIGNATURE, { seed: 0x1234 })).toBe('01');
    expect(talk.general()).toBe('00');
    clock.advance(500);
    const hex = romSignature(talk.egm.settings, 0x1234).toString(16).toUpperCase().padStart(4, '0');
    const frame = `01 21 ${hex.slice(2)} ${hex.slice(0, 2)}`;
    expect(talk.general()).toContain(frame);
    expect(talk.general()).toContain(frame);
    talk.sync();
    expect(talk.general()).toBe('00');
    expect(romSignature(talk.egm.settings, 1)).not.toBe(romSignature(talk.egm.settings, 2));
  });

  test('shows the time it was given', () => {
    const talk = aTalk();
    const time = { year: 2031, month: 2, day: 3, hour: 4, minute: 5, second: 6 };
    talk.ask(control.DATE_TIME, time);
    expect(talk.read(control.READ_DATE_TIME, {}).time).toMatchObject({
      year: 2031,
      month: 2,
      day: 3,
      hour: 4,
    });
  });
});

describe('a machine that hears nobody', () => {
  test('chirps every 200 ms after five seconds, until it hears an address', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    let chirps = 0;
    talk.egm.onChirp(() => {
      chirps += 1;
    });
    clock.advance(5_000);
    expect(chirps).toBe(0);
    clock.advance(1_000);
    expect(chirps).toBe(5);
    talk.sync();
    clock.advance(4_000);
    expect(chirps).toBe(5);
  });
});
