/** What a transfer does to credits and meters (SAS.md 8 and 10.3). */
import type { AftType } from '../codec/long-polls/aft-fields.ts';
import type { MeterName } from '../codec/meters.ts';
import { directionOf, isDebit, takable } from './aft-refusals.ts';
import type { CentsOfKinds, StoredTransfer } from './aft-state.ts';
import { paid } from './awards.ts';
import { addToMeters, type CabinetState, meterOf } from './cabinet-state.ts';
import { type Holdings, least, negated, totalOf, withCredits } from './credits.ts';
import type { Moment } from './machine-clock.ts';
import { centsOf, creditsOfCents, type MachineSettings } from './machine-settings.ts';
import { ticketPrinted } from './validation.ts';

interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

interface Booked {
  readonly state: CabinetState;
  readonly moved: CentsOfKinds;
}

/** All in one step. Null when not all of it goes and nothing less was allowed. */
export function carriedOut(state: CabinetState, transfer: StoredTransfer, context: Context): Booked | null {
  const { settings } = context;
  const moved = movable(state, transfer, settings);
  const isFull = totalOf(moved) === totalOf(transfer.asked);
  if (!isFull && !transfer.isPartialAllowed) return null;
  const credits = inCredits(moved, settings);
  const direction = directionOf(transfer.type);
  if (direction === 'TO_HOST') return { state: toHost(state, moved, credits), moved };
  if (direction === 'BONUS_TO_MACHINE')
    return { state: bonus(state, { transfer, moved, credits }, settings), moved };
  if (direction === 'TO_TICKET')
    return { state: toTicket(state, { transfer, moved, credits }, context), moved };
  return { state: toMachine(state, { transfer, moved, credits }), moved };
}

/** As much as goes, the player's own money first. */
function movable(
  state: CabinetState,
  { type, asked }: StoredTransfer,
  settings: MachineSettings,
): CentsOfKinds {
  const direction = directionOf(type);
  if (direction === 'TO_HOST') {
    const there = takable(state, type);
    const of = (kind: keyof Holdings) => least(asked[kind], wholeCents(there[kind], settings));
    return { cashable: of('cashable'), restricted: of('restricted'), nonrestricted: of('nonrestricted') };
  }
  if (direction !== 'TO_MACHINE') return asked;
  let room = wholeCents(settings.creditLimit - meterOf(state, 'CURRENT_CREDITS'), settings);
  const take = (cents: bigint) => {
    const taken = least(cents, room);
    room -= taken;
    return taken;
  };
  return {
    cashable: take(asked.cashable),
    restricted: take(asked.restricted),
    nonrestricted: take(asked.nonrestricted),
  };
}

/** What of these credits is a whole number of cents, and back again. */
function wholeCents(credits: bigint, settings: MachineSettings): bigint {
  let whole = credits;
  while (creditsOfCents(centsOf(whole, settings), settings) !== whole) whole -= 1n;
  return centsOf(whole, settings);
}

function inCredits(cents: CentsOfKinds, settings: MachineSettings): Holdings {
  const of = (amount: bigint) => creditsOfCents(amount, settings) ?? 0n;
  return {
    cashable: of(cents.cashable),
    restricted: of(cents.restricted),
    nonrestricted: of(cents.nonrestricted),
  };
}

interface Parts {
  readonly transfer: StoredTransfer;
  readonly moved: CentsOfKinds;
  readonly credits: Holdings;
}

function toMachine(state: CabinetState, { transfer, moved, credits }: Parts): CabinetState {
  const credited = withCredits(state, credits);
  const pooled = credits.restricted > 0n ? { ...credited, restrictedPool: transfer.pool } : credited;
  const total = { TOTAL_ELECTRONIC_IN: totalOf(credits) };
  if (isDebit(transfer.type)) {
    return addToMeters(pooled, {
      ...total,
      ...counts('AFT_DEBIT_IN', moved.cashable),
      ELECTRONIC_DEBIT_IN: credits.cashable,
    });
  }
  return addToMeters(pooled, {
    ...total,
    ...counts('AFT_CASHABLE_IN', moved.cashable),
    ...counts('AFT_RESTRICTED_IN', moved.restricted),
    ...counts('AFT_NONRESTRICTED_IN', moved.nonrestricted),
    ELECTRONIC_CASHABLE_IN: credits.cashable,
    ELECTRONIC_RESTRICTED_IN: credits.restricted,
    ELECTRONIC_NONRESTRICTED_IN: credits.nonrestricted,
  });
}

function toHost(state: CabinetState, moved: CentsOfKinds, credits: Holdings): CabinetState {
  return addToMeters(withCredits({ ...state, lastWin: 0n }, negated(credits)), {
    TOTAL_ELECTRONIC_OUT: totalOf(credits),
    CANCELLED_CREDITS: totalOf(credits),
    ...counts('AFT_CASHABLE_OUT', moved.cashable),
    ...counts('AFT_RESTRICTED_OUT', moved.restricted),
    ...counts('AFT_NONRESTRICTED_OUT', moved.nonrestricted),
    ELECTRONIC_CASHABLE_OUT: credits.cashable,
    ELECTRONIC_RESTRICTED_OUT: credits.restricted,
    ELECTRONIC_NONRESTRICTED_OUT: credits.nonrestricted,
  });
}

function bonus(
  state: CabinetState,
  { transfer, moved, credits }: Parts,
  settings: MachineSettings,
): CabinetState {
  const isHandpay = transfer.type === 'BONUS_JACKPOT_WIN';
  const counted = addToMeters(state, {
    ...counts('AFT_BONUS_CASHABLE_IN', moved.cashable),
    ...counts('AFT_BONUS_NONRESTRICTED_IN', moved.nonrestricted),
  });
  const cashable = paid(counted, { win: credits.cashable, cause: 'BONUS', isHandpay }, settings);
  return paid(
    cashable,
    { win: credits.nonrestricted, cause: 'BONUS', isHandpay, isNonrestricted: true },
    settings,
  );
}

/** In and out again: the money never stands on the credit meter. */
function toTicket(state: CabinetState, { transfer, moved, credits }: Parts, context: Context): CabinetState {
  const isOfDebit = isDebit(transfer.type);
  const counted = addToMeters(state, {
    TOTAL_ELECTRONIC_IN: totalOf(credits),
    CANCELLED_CREDITS: totalOf(credits),
    ...counts(isOfDebit ? 'AFT_DEBIT_TO_TICKET' : 'AFT_CASHABLE_TO_TICKET', moved.cashable),
    ...counts('AFT_RESTRICTED_TO_TICKET', moved.restricted),
  });
  const type = isOfDebit ? 'AFT_DEBIT_TICKET' : 'AFT_CASHABLE_TICKET';
  const own =
    credits.cashable > 0n ? ticketPrinted(counted, { type, credits: credits.cashable }, context) : counted;
  if (credits.restricted === 0n) return own;
  return ticketPrinted(own, { type: 'AFT_RESTRICTED_TICKET', credits: credits.restricted }, context);
}

type Counted =
  | 'AFT_CASHABLE_IN'
  | 'AFT_RESTRICTED_IN'
  | 'AFT_NONRESTRICTED_IN'
  | 'AFT_DEBIT_IN'
  | 'AFT_CASHABLE_OUT'
  | 'AFT_RESTRICTED_OUT'
  | 'AFT_NONRESTRICTED_OUT'
  | 'AFT_CASHABLE_TO_TICKET'
  | 'AFT_RESTRICTED_TO_TICKET'
  | 'AFT_DEBIT_TO_TICKET'
  | 'AFT_BONUS_CASHABLE_IN'
  | 'AFT_BONUS_NONRESTRICTED_IN';

/** An amount in cents and how often; nothing at all is not counted. */
const counts = (name: Counted, cents: bigint): Partial<Record<MeterName, bigint>> =>
  cents === 0n ? {} : { [`${name}_CENTS`]: cents, [`${name}_COUNT`]: 1n };

/** The cumulative meters a reply ends with: those the type moves, in cents. */
export function cumulativeMeters(type: AftType): readonly MeterName[] {
  const direction = directionOf(type);
  if (direction === 'TO_HOST')
    return ['AFT_CASHABLE_OUT_CENTS', 'AFT_RESTRICTED_OUT_CENTS', 'AFT_NONRESTRICTED_OUT_CENTS'];
  if (direction === 'BONUS_TO_MACHINE') return ['AFT_BONUS_CASHABLE_IN_CENTS'];
  if (direction === 'TO_TICKET') return ['AFT_CASHABLE_TO_TICKET_CENTS', 'AFT_RESTRICTED_TO_TICKET_CENTS'];
  if (isDebit(type)) return ['AFT_DEBIT_IN_CENTS'];
  return ['AFT_CASHABLE_IN_CENTS', 'AFT_RESTRICTED_IN_CENTS', 'AFT_NONRESTRICTED_IN_CENTS'];
}
