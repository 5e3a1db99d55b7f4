import { describe, expect, test } from 'vitest';
import { SHUTDOWN, STARTUP } from '../../../src/sas/codec/long-polls/control.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import { doors } from '../../../src/sas/simulator/behaviours/doors.ts';
import { playing } from '../../../src/sas/simulator/behaviours/playing.ts';
import type { CabinetState } from '../../../src/sas/simulator/cabinet-state.ts';
import { createEgm, type Egm } from '../../../src/sas/simulator/egm.ts';
import { draw, PAYTABLE, paybackOf } from '../../../src/sas/simulator/paytable.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { manualClock } from './manual-clock.ts';
import { talkTo } from './talk.ts';

const of = (state: Pick<CabinetState, 'meters'>, name: MeterName): bigint =>
  state.meters.get(meterCode(name)) ?? -1n;

/** What must hold whenever a machine can be read. */
function expectSound(state: CabinetState): void {
  const credits =
    of(state, 'BILLS_ACCEPTED_CREDITS') -
    of(state, 'COIN_IN') +
    of(state, 'COIN_OUT') -
    of(state, 'CANCELLED_CREDITS');
  expect(of(state, 'CURRENT_CREDITS')).toBe(credits);
  expect(of(state, 'GAMES_PLAYED')).toBe(of(state, 'GAMES_WON') + of(state, 'GAMES_LOST'));
  expect(of(state, 'TOTAL_WON')).toBe(of(state, 'COIN_OUT') + of(state, 'JACKPOT'));
  expect(of(state, 'TOTAL_HAND_PAID')).toBe(of(state, 'HAND_PAID_CANCELLED_CREDITS') + of(state, 'JACKPOT'));
  expect(of(state, 'TOTAL_DROP')).toBe(of(state, 'BILLS_ACCEPTED_CREDITS'));
  expect(of(state, 'TOTAL_DROP')).toBe(state.billsAcceptedDollars * 100n);
}

/** An hour of play in no time. */
function playedFor(ms: number, seed: number) {
  const clock = manualClock();
  const egm = createEgm({ address: 1, clock });
  const raised: number[] = [];
  let lastId = 0;
  egm.onChange((state) => {
    expectSound(state);
    for (const { id, code } of [...state.queuedExceptions, ...state.priorityExceptions]) {
      if (id > lastId) raised.push(code);
    }
    lastId = state.nextExceptionId - 1;
  });
  const player = playing(egm, { random: createRandom(seed), clock });
  clock.advance(ms);
  return { egm, clock, player, raised };
}

describe('a player', () => {
  test('plays, wins, refills and cashes out, and every state on the way adds up', () => {
    const { egm, raised } = playedFor(3_600_000, 1);
    expect(of(egm.state(), 'GAMES_PLAYED')).toBeGreaterThan(400n);
    expect(of(egm.state(), 'GAMES_WON')).toBeGreaterThan(50n);
    expect(of(egm.state(), 'CANCELLED_CREDITS')).toBeGreaterThan(0n);
    for (const code of [0x4f, 0x51, 0x52, 0x66, 0x7e, 0x7f]) expect(raised).toContain(code);
  });

  test('lets one to four seconds pass between the start and the end of a game', () => {
    const clock = manualClock();
    const egm = createEgm({ address: 1, clock });
    const lengths: number[] = [];
    let startedAt: number | null = null;
    egm.onChange((state) => {
      if (state.game !== null && startedAt === null) startedAt = clock.nowMs();
      if (state.game === null && startedAt !== null) {
        lengths.push(clock.nowMs() - startedAt);
        startedAt = null;
      }
    });
    playing(egm, { random: createRandom(5), clock });
    clock.advance(600_000);
    expect(lengths.length).toBeGreaterThan(50);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4_000);
  });

  test('plays the same games with the same seed', () => {
    const meters = (seed: number): unknown => [...playedFor(600_000, seed).egm.meters()];
    expect(meters(3)).toEqual(meters(3));
    expect(meters(3)).not.toEqual(meters(4));
  });

  test('finishes its game on a locked machine, waits, and plays on when it is unlocked', () => {
    const { egm, clock } = playedFor(60_000, 2);
    const talk = talkTo(egm);
    talk.sync();
    talk.ask(SHUTDOWN, {});
    clock.advance(4_000);
    expect(egm.state().game).toBeNull();
    const wagered = of(egm.state(), 'COIN_IN');
    clock.advance(600_000);
    expect(of(egm.state(), 'COIN_IN')).toBe(wagered);
    talk.sync();
    talk.ask(STARTUP, {});
    clock.advance(60_000);
    expect(of(egm.state(), 'COIN_IN')).toBeGreaterThan(wagered);
  });

  test('first lets the game end that was under way when he came', () => {
    const clock = manualClock();
    const egm = createEgm({ address: 1, clock });
    egm.insertBill(5n);
    egm.startGame({ wager: 7n, win: 30n });
    playing(egm, { random: createRandom(1), clock });
    clock.advance(2_500 + 4_000);
    expect(of(egm.state(), 'GAMES_WON')).toBeGreaterThanOrEqual(1n);
    expect(of(egm.state(), 'COIN_OUT')).toBeGreaterThanOrEqual(30n);
  });

  test('stops when disposed', () => {
    const { egm, clock, player } = playedFor(60_000, 2);
    player[Symbol.dispose]();
    const before = [...egm.meters()];
    clock.advance(600_000);
    expect([...egm.meters()]).toEqual(before);
    egm[Symbol.dispose]();
    expect(clock.nextTimerMs).toBeNull();
  });
});

describe('the paytable', () => {
  test('pays back what the machine says of itself', () => {
    const { basePercent } = createEgm({ address: 1 }).settings;
    expect(paybackOf(PAYTABLE)).toBe(Number(basePercent));
  });

  test('is drawn from honestly', () => {
    const random = createRandom(11);
    const games = 400_000;
    let won = 0n;
    let wins = 0;
    for (let game = 0; game < games; game += 1) {
      const win = draw(1n, random);
      won += win;
      if (win > 0n) wins += 1;
    }
    const hits = PAYTABLE.reduce((sum, { weight }) => sum + weight, 0) / 10_000;
    expect(wins / games).toBeCloseTo(hits, 2);
    expect(Math.abs(Number(won) / games - 0.9068)).toBeLessThan(0.05);
  });
});

describe('a key holder', () => {
  test('opens and closes the door, in turn, and closes it when leaving', () => {
    const clock = manualClock();
    const egm: Egm = createEgm({ address: 1, clock });
    const states: boolean[] = [];
    egm.onChange((state) => states.push(state.slotDoorOpen));
    const holder = doors(egm, { random: createRandom(1), clock });
    clock.advance(7_200_000);
    expect(states.length).toBeGreaterThan(10);
    expect(states).toEqual(states.map((_, at) => at % 2 === 0));
    while (!egm.state().slotDoorOpen) clock.advance(1_000);
    holder[Symbol.dispose]();
    expect(egm.state().slotDoorOpen).toBe(false);
    egm[Symbol.dispose]();
    expect(clock.nextTimerMs).toBeNull();
  });
});
