/** A player at a simulated machine: puts bills in, plays, cashes out, and has an attendant pay now and then. */

import { meterCode } from '../../codec/meters.ts';
import { type Clock, systemClock } from '../../host/port.ts';
import type { Egm } from '../egm.ts';
import { draw } from '../paytable.ts';
import { between, pick, type Random } from '../random.ts';

export interface PlayingOptions {
  readonly random: Random;
  readonly clock?: Clock;
  /** In credits. */
  readonly wagers?: readonly bigint[];
  /** In whole units of the currency. */
  readonly bills?: readonly bigint[];
  /** How long a game lasts, and how long the player waits before the next, from and to. */
  readonly gameMs?: readonly [number, number];
  readonly pauseMs?: readonly [number, number];
  /** How likely the player cashes out instead of playing on. */
  readonly cashOutRate?: number;
}

const DEFAULTS = {
  wagers: [1n, 2n, 5n, 10n, 20n, 50n],
  bills: [5n, 10n, 20n, 50n, 100n],
  gameMs: [1_000, 4_000],
  pauseMs: [500, 2_500],
  cashOutRate: 0.02,
} as const satisfies Partial<PlayingOptions>;

/** How long a player looks at a machine that does not let him play, and an attendant takes to come. */
const PATIENCE_MS = [3_000, 8_000] as const;

const CURRENT_CREDITS = meterCode('CURRENT_CREDITS');

/** Plays until disposed. A game under way then stays under way, as after a power loss. */
export function playing(egm: Egm, options: PlayingOptions): Disposable {
  const {
    random,
    clock = systemClock,
    wagers,
    bills,
    gameMs,
    pauseMs,
    cashOutRate,
  } = { ...DEFAULTS, ...options };
  let timer: Disposable | null = null;

  function later([from, to]: readonly [number, number], step: () => void): void {
    timer = clock.setTimer(between(random, from, to), step);
  }

  /** One decision of the player, and when the next one comes. */
  function decide(): void {
    const { game, handpayPending } = egm.state();
    if (game !== null) later(gameMs, end);
    else if (handpayPending) later(PATIENCE_MS, attend);
    else if (affordable().length === 0) refill();
    else if (random() < cashOutRate) leave();
    else play();
  }

  const affordable = (): bigint[] =>
    wagers.filter((wager) => wager <= (egm.meters().get(CURRENT_CREDITS) ?? 0n));

  function play(): void {
    const wager = pick(random, affordable());
    const refusal = egm.startGame({ wager, win: draw(wager, random) });
    if (refusal === null) later(gameMs, end);
    else later(PATIENCE_MS, decide);
  }

  function end(): void {
    egm.endGame();
    later(pauseMs, decide);
  }

  function refill(): void {
    const refusal = egm.insertBill(pick(random, bills));
    later(refusal === null ? pauseMs : PATIENCE_MS, decide);
  }

  function leave(): void {
    egm.cashOut();
    later(PATIENCE_MS, decide);
  }

  function attend(): void {
    egm.resetHandpay();
    later(pauseMs, decide);
  }

  later(pauseMs, decide);
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}
