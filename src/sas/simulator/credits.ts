/** What is on the credit meter of a simulated machine: money of three kinds (SAS.md 8 and 10). */
import { addToMeters, type CabinetState, meterOf } from './cabinet-state.ts';

/** In credits. Restricted ones can only be played; nonrestricted ones are cashed out like any other once won. */
export interface Holdings {
  readonly cashable: bigint;
  readonly restricted: bigint;
  readonly nonrestricted: bigint;
}

export function holdingsOf(state: CabinetState): Holdings {
  const { restrictedCredits: restricted, nonrestrictedCredits: nonrestricted } = state;
  return {
    cashable: meterOf(state, 'CURRENT_CREDITS') - restricted - nonrestricted,
    restricted,
    nonrestricted,
  };
}

/** The state with credits more or, below zero, less. @throws RangeError when one kind would go below zero */
export function withCredits(state: CabinetState, change: Partial<Holdings>): CabinetState {
  const { cashable = 0n, restricted = 0n, nonrestricted = 0n } = change;
  const before = holdingsOf(state);
  for (const kind of ['cashable', 'restricted', 'nonrestricted'] as const) {
    if (before[kind] + (change[kind] ?? 0n) < 0n) throw new RangeError(`${kind} credits below zero`);
  }
  const counted = addToMeters(state, {
    CURRENT_CREDITS: cashable + restricted + nonrestricted,
    ...(restricted !== 0n && { CURRENT_RESTRICTED_CREDITS: restricted }),
  });
  return {
    ...counted,
    restrictedCredits: before.restricted + restricted,
    nonrestrictedCredits: before.nonrestricted + nonrestricted,
  };
}

/** What is still there of the last win. */
export const winOn = (state: CabinetState): bigint => least(state.lastWin, holdingsOf(state).cashable);

/** What a wager takes: restricted credits first, then nonrestricted ones, the player's own last. */
export function wagerFrom(state: CabinetState, wager: bigint): Holdings {
  const holdings = holdingsOf(state);
  const restricted = least(wager, holdings.restricted);
  const nonrestricted = least(wager - restricted, holdings.nonrestricted);
  return { restricted, nonrestricted, cashable: wager - restricted - nonrestricted };
}

/** The same, taken the other way. */
export const negated = ({ cashable, restricted, nonrestricted }: Holdings): Holdings => ({
  cashable: -cashable,
  restricted: -restricted,
  nonrestricted: -nonrestricted,
});

export const totalOf = ({ cashable, restricted, nonrestricted }: Holdings): bigint =>
  cashable + restricted + nonrestricted;

export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
