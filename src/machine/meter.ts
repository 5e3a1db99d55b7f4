import { decimalsOf, type Money, roundToMinor } from '../lib/money.ts';
import { denominationOf } from '../sas/codec/denominations.ts';
import { METERS, type MeterDefinition, type MeterName, modulusOf } from '../sas/codec/meters.ts';

/** A meter as it stands: the raw counter or gauge, and the last difference. */
export interface MeterValue {
  /** SAS.md chapter 8. */
  readonly code: number;
  readonly value: bigint;
  /** How many BCD bytes it was read in: the counter rolls over at 100^bytes. */
  readonly bcdBytes: number;
  /** Against the reading before; null for the first one of a machine and after a reset. */
  readonly delta: bigint | null;
  readonly changedAt: Date;
}

/** The meters of one machine as of one reading. */
export interface MeterSnapshot {
  readonly machineId: string;
  readonly venueId: string;
  readonly readAt: Date;
  /** Grows with every reading that changed something. */
  readonly version: bigint;
  readonly values: readonly MeterValue[];
}

export type MeterChange =
  | { readonly kind: 'same' }
  | { readonly kind: 'step'; readonly delta: bigint }
  | { readonly kind: 'reset' };

/** What a snapshot tells: a later one of the same machine whose reading changed the same meters tells it too. */
export const newsOf = ({ machineId, readAt, values }: MeterSnapshot): string =>
  [machineId, ...values.flatMap(({ code, changedAt }) => (+changedAt === +readAt ? [code] : []))].join(' ');

/** Within the last hundredth of its range a counter may roll over, and by no more than that. */
const ROLLOVER_WINDOW = 100n;

/**
 * What happened between two readings of a meter.
 *
 * One that was read by another poll may be told with more digits, or with fewer: what it moved is in those that both
 * have. A counter that goes back has rolled over only if it stood in the top 1 % of its range and the
 * step across zero is no larger than that; anything else is a reset, which is never money.
 */
export function meterDelta(kind: MeterDefinition['kind'], previous: Told, current: Told): MeterChange {
  if (current.value === previous.value) return { kind: 'same' };
  if (kind === 'COUNTER' && current.bcdBytes !== previous.bcdBytes)
    return deltaAcrossWidths(previous, current);
  const difference = current.value - previous.value;
  if (kind === 'GAUGE' || difference > 0n) return { kind: 'step', delta: difference };

  const modulus = modulusOf(previous.bcdBytes);
  const window = modulus / ROLLOVER_WINDOW;
  const acrossZero = difference + modulus;
  const hasRolledOver =
    current.bcdBytes === previous.bcdBytes && previous.value >= modulus - window && acrossZero <= window;
  return hasRolledOver ? { kind: 'step', delta: acrossZero } : { kind: 'reset' };
}

interface Told {
  readonly value: bigint;
  readonly bcdBytes: number;
}

/** Where both readings fit the fewer digits nothing is cut off; otherwise a step is believed as far as a roll-over. */
function deltaAcrossWidths(previous: Told, current: Told): MeterChange {
  const bcdBytes = Math.min(previous.bcdBytes, current.bcdBytes);
  const modulus = modulusOf(bcdBytes);
  const isWhole = previous.value < modulus && current.value < modulus;
  if (isWhole)
    return current.value > previous.value ? stepOf(current.value - previous.value) : { kind: 'reset' };
  const moved = (((current.value - previous.value) % modulus) + modulus) % modulus;
  if (moved === 0n) return { kind: 'same' };
  return moved <= modulus / ROLLOVER_WINDOW ? stepOf(moved) : { kind: 'reset' };
}

const stepOf = (delta: bigint): MeterChange => ({ kind: 'step', delta });

/** The definition of a meter code; a code outside the table is shown as it came. */
export function definitionOf(code: number): MeterDefinition | null {
  return METERS.get(code) ?? null;
}

/** Every meter there is, in the order of the codes. */
export const METER_DEFINITIONS: readonly MeterDefinition[] = [...METERS.values()];

export type MeterSet = 'BASIC' | 'BILLS' | 'ALL';

const BASIC: ReadonlySet<MeterName> = new Set<MeterName>([
  'CURRENT_CREDITS',
  'COIN_IN',
  'COIN_OUT',
  'TOTAL_DROP',
  'JACKPOT',
  'CANCELLED_CREDITS',
  'GAMES_PLAYED',
  'GAMES_WON',
  'GAMES_LOST',
]);

/** Whether a meter belongs to a set. */
export function isInSet(code: number, set: MeterSet): boolean {
  if (set === 'ALL') return true;
  const definition = definitionOf(code);
  if (!definition) return false;
  return set === 'BASIC' ? BASIC.has(definition.name) : definition.unit === 'BILLS';
}

/**
 * What an amount on a meter is worth; null where it does not count money or the machine's
 * accounting denomination (poll 1F) is not known yet.
 */
export function meterMoney(
  { code, amount }: { readonly code: number; readonly amount: bigint },
  { denominationCode, currency }: { readonly denominationCode: number | null; readonly currency: string },
): Money | null {
  const unit = definitionOf(code)?.unit;
  const minorPerMajor = 10n ** BigInt(decimalsOf(currency));
  if (unit === 'CENTS') return { amountMinor: roundToMinor(amount * minorPerMajor, 100n), currency };
  if (unit !== 'CREDITS' || denominationCode === null) return null;
  const denomination = denominationOf(denominationCode);
  if (!denomination) return null;
  return {
    amountMinor: roundToMinor(amount * denomination.tenThousandths * minorPerMajor, 10_000n),
    currency,
  };
}

/** What one credit is worth; null when it is not known or no whole number of minor units. */
export function accountingDenomination(denominationCode: number | null, currency: string): Money | null {
  const denomination = denominationCode === null ? null : denominationOf(denominationCode);
  if (!denomination) return null;
  const scaled = denomination.tenThousandths * 10n ** BigInt(decimalsOf(currency));
  return scaled % 10_000n === 0n ? { amountMinor: scaled / 10_000n, currency } : null;
}
