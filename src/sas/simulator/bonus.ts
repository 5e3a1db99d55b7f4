/** Legacy bonuses: credits the host gives (SAS.md 6.6). */
import { exceptionCode } from '../codec/exceptions.ts';
import { type LegacyBonus, NO_BONUSES } from './award-state.ts';
import { paid } from './awards.ts';
import type { CabinetState } from './cabinet-state.ts';
import { raise } from './exception-queue.ts';
import { isHandpayOpen } from './handpay.ts';
import type { MachineSettings } from './machine-settings.ts';

/** Taxes as event 7C and poll 90 write them. */
export const TAX_CODES: Readonly<Record<LegacyBonus['tax'], number>> = {
  DEDUCTIBLE: 0x00,
  NOT_DEDUCTIBLE: 0x01,
  WAGER_MATCH: 0x02,
};

/** A bonus goes to a machine that stands idle in the player's hands. */
export const canTakeBonus = (state: CabinetState): boolean =>
  state.game === null &&
  !state.slotDoorOpen &&
  state.tilts.length === 0 &&
  !isHandpayOpen(state) &&
  state.awards.tournament === null;

/** The bonus is paid and 7C raised. The caller has asked `canTakeBonus`. */
export function bonusPaid(state: CabinetState, bonus: LegacyBonus, settings: MachineSettings): CabinetState {
  const { credits, tax } = bonus;
  const before = state.awards.bonuses.get(state.selectedGame) ?? NO_BONUSES;
  const bonuses = new Map(state.awards.bonuses).set(state.selectedGame, {
    ...before,
    [tax]: before[tax] + credits,
  });
  const noted = { ...state, awards: { ...state.awards, lastBonus: bonus, bonuses } };
  const told = raise(noted, exceptionCode('LEGACY_BONUS_PAID'), {
    kind: 'LEGACY_BONUS',
    multiplier: 0,
    multipliedWin: 0n,
    tax: TAX_CODES[tax],
    bonus: credits,
  });
  return paid(told, { win: credits, cause: 'BONUS' }, settings);
}

/** In credits, of one game or, for 0, of all. */
export function bonusesOf(
  { awards }: CabinetState,
  game: number,
): Readonly<Record<LegacyBonus['tax'], bigint>> {
  if (game > 0) return awards.bonuses.get(game) ?? NO_BONUSES;
  return Array.from(awards.bonuses.values()).reduce(
    (sum, each) => ({
      DEDUCTIBLE: sum.DEDUCTIBLE + each.DEDUCTIBLE,
      NOT_DEDUCTIBLE: sum.NOT_DEDUCTIBLE + each.NOT_DEDUCTIBLE,
      WAGER_MATCH: sum.WAGER_MATCH + each.WAGER_MATCH,
    }),
    NO_BONUSES,
  );
}
