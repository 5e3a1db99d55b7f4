/** Whether the counters of a simulated machine account for the credits on its meter: no money made, none lost. */
import type { MeterName } from '../codec/meters.ts';
import { type CabinetState, meterOf } from './cabinet-state.ts';

/** What should be on the credit meter by everything that ever went in, was played, won and went out, in credits. */
export function accountedCredits(state: CabinetState): bigint {
  const of = (name: MeterName) => meterOf(state, name);
  const into =
    of('BILLS_ACCEPTED_CREDITS') +
    of('COIN_ACCEPTOR_CREDITS') +
    of('TOTAL_TICKET_IN') +
    of('TOTAL_ELECTRONIC_IN') +
    of('COIN_OUT') +
    state.jackpotsToCreditMeter;
  return into - of('COIN_IN') - of('CANCELLED_CREDITS') - of('HOPPER_PAID_CREDITS');
}

/** Nothing when all is well; otherwise what does not add up. */
export function discrepancies(state: CabinetState): readonly string[] {
  const of = (name: MeterName) => meterOf(state, name);
  const checks: readonly (readonly [string, bigint, bigint])[] = [
    ['credits', of('CURRENT_CREDITS'), accountedCredits(state)],
    ['total won', of('TOTAL_WON'), of('COIN_OUT') + of('JACKPOT')],
    ['hand paid', of('TOTAL_HAND_PAID'), of('HAND_PAID_CANCELLED_CREDITS') + of('JACKPOT')],
    ['games', of('GAMES_PLAYED'), of('GAMES_WON') + of('GAMES_LOST')],
  ];
  return checks.flatMap(([what, shown, due]) => (shown === due ? [] : `${what}: ${shown} instead of ${due}`));
}
