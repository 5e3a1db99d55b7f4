/** What a simulated machine is, as an operator would have configured it. */
import { denominationOf } from '../codec/denominations.ts';
import { type Features, NO_FEATURES } from '../codec/features.ts';

export interface MachineSettings {
  /** Two characters. */
  readonly gameId: string;
  /** Three characters. */
  readonly additionalId: string;
  /** Accounting denomination, a code of SAS.md 7.1: all credits of the machine count its units. */
  readonly denomination: number;
  /** In credits; 255 is "255 or more". */
  readonly maxBet: number;
  readonly progressiveGroup: number;
  readonly gameOptions: number;
  /** Six characters. */
  readonly paytableId: string;
  /** Four digits: "9068" is 90.68 %. */
  readonly basePercent: string;
  /** "602" for SAS 6.02. */
  readonly sasVersion: string;
  /** Up to 40 characters. */
  readonly serialNumber: string;
  readonly features: Features;
  /** In credits: a win from here on is paid by an attendant. */
  readonly jackpotLimit: bigint;
}

export const DEFAULT_SETTINGS: MachineSettings = {
  gameId: 'FW',
  additionalId: '001',
  denomination: 0x01,
  maxBet: 100,
  progressiveGroup: 0,
  gameOptions: 0,
  paytableId: 'FW0001',
  basePercent: '9068',
  sasVersion: '602',
  serialNumber: 'FW-0000',
  features: { ...NO_FEATURES, extendedMeters: true, meterModel: 'WHEN_WON', fastPolling: true },
  jackpotLimit: 120_000n,
};

const TEN_THOUSANDTHS_PER_UNIT = 10_000n;
const TEN_THOUSANDTHS_PER_CENT = 100n;

/** What a credit is worth, in 1/10000 of the currency's major unit. @throws RangeError on an unknown denomination */
export function creditValue({ denomination }: MachineSettings): bigint {
  const value = denominationOf(denomination)?.tenThousandths;
  if (value === undefined) throw new RangeError(`${denomination} is not a denomination code`);
  return value;
}

/** How many credits an amount in whole dollars is; null when it is not a whole number of them. */
export function creditsOf(dollars: bigint, settings: MachineSettings): bigint | null {
  const amount = dollars * TEN_THOUSANDTHS_PER_UNIT;
  const value = creditValue(settings);
  return amount % value === 0n ? amount / value : null;
}

/** What credits are worth in cents, a part of a cent cut off. */
export const centsOf = (credits: bigint, settings: MachineSettings): bigint =>
  (credits * creditValue(settings)) / TEN_THOUSANDTHS_PER_CENT;

/** The most credits, at most these, that are a whole number of cents. */
export function payableCredits(credits: bigint, settings: MachineSettings): bigint {
  const value = creditValue(settings);
  let payable = credits;
  while ((payable * value) % TEN_THOUSANDTHS_PER_CENT !== 0n) payable -= 1n;
  return payable;
}
