/** What a simulated machine is, as an operator would have configured it. */
import { denominationOf } from '../codec/denominations.ts';
import { type Features, NO_FEATURES } from '../codec/features.ts';

/** What one game is. */
export interface GameSettings {
  /** Two characters. */
  readonly gameId: string;
  /** Three characters. */
  readonly additionalId: string;
  /** In credits; 255 is "255 or more". */
  readonly maxBet: number;
  /** 0 is none. */
  readonly progressiveGroup: number;
  readonly gameOptions: number;
  /** Six characters. */
  readonly paytableId: string;
  /** Four digits: "9068" is 90.68 %. */
  readonly basePercent: string;
  readonly name: string;
  readonly paytableName: string;
  /** Levels of the progressive group this game can hit, from 1 to 32. */
  readonly progressiveLevels: readonly number[];
  /** The last one takes every wager that is higher. */
  readonly wagerCategories: readonly WagerCategory[];
}

/** Wagers up to `upTo` credits pay back `payback` hundredths of a percent, four digits. */
export interface WagerCategory {
  readonly upTo: bigint;
  readonly payback: string;
}

/** A coin acceptor and the hopper behind it. */
export interface CoinSettings {
  /** A code of SAS.md 7.1. */
  readonly tokenDenomination: number;
  /** What does not fit goes to the drop. */
  readonly hopperCapacity: bigint;
  /** Cash-outs of so many pieces at most are paid by the hopper. */
  readonly hopperPayLimit: bigint;
}

export type AftClass = 'IN_HOUSE' | 'BONUS' | 'DEBIT';

/** The fields of a game are those of the machine as a whole, and of its only game when it has one. */
export interface MachineSettings extends GameSettings {
  /** Accounting denomination, a code of SAS.md 7.1: all credits of the machine count its units. */
  readonly denomination: number;
  /** "602" for SAS 6.02. */
  readonly sasVersion: string;
  /** Up to 40 characters. */
  readonly serialNumber: string;
  readonly features: Features;
  /** In credits: a win from here on is paid by an attendant. */
  readonly jackpotLimit: bigint;
  /** What the player can choose from; none is a machine with one game, which is the machine itself. */
  readonly games: readonly GameSettings[];
  /** Codes of SAS.md 7.1 the player can wager in; none is the accounting denomination alone. */
  readonly denominations: readonly number[];
  /** In credits; null when the machine has no limit to tell (poll A4). */
  readonly cashOutLimit: bigint | null;
  readonly creditLimit: bigint;
  readonly coins: CoinSettings | null;
  /** Whether it prints tickets for cash-outs; otherwise an attendant pays. */
  readonly printer: boolean;
  readonly assetNumber: number;
  readonly location: string;
  /** What the machine takes of electronic transfers; only with the feature bit for AFT. */
  readonly aftClasses: readonly AftClass[];
  /** In cents, for one transfer. */
  readonly transferLimit: bigint;
  /** Whether it gives the host a part of what it asks for. */
  readonly aftPartialToHost: boolean;
  /** Whether it makes no transfer unless it is locked for it; but for cash-outs it asked the host to take. */
  readonly aftLockDemanded: boolean;
  /** Whether it refuses a lock while a game runs; else the lock waits. */
  readonly aftLockRefusedInGame: boolean;
  /** Whether a refused transfer is answered with position and status alone (SAS.md 10.4). */
  readonly aftShortErrorReply: boolean;
  /** One 51 and one 52, and poll 1B tells only of a handpay that is open (SAS.md 9.1). */
  readonly legacyHandpay: boolean;
  /** Whether event 88 carries reel and stop. */
  readonly event88Data: boolean;
  /** 0 is a machine without reels. */
  readonly reels: number;
  /** Whether it answers polls 1D and 28 of SAS 3 to 5, with transfers that never were. */
  readonly legacyTransfers: boolean;
  /** How long a ticket takes to the stacker, a transfer to the credit meter, and a ROM signature. */
  readonly stackingMs: number;
  readonly transferMs: number;
  readonly signatureMs: number;
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
  name: 'Floorwire',
  paytableName: 'Floorwire 90.68',
  progressiveLevels: [],
  wagerCategories: [],
  games: [],
  denominations: [],
  cashOutLimit: null,
  creditLimit: 99_999_999n,
  coins: null,
  printer: false,
  assetNumber: 1,
  location: '',
  aftClasses: ['IN_HOUSE', 'BONUS', 'DEBIT'],
  transferLimit: 1_000_000n,
  aftPartialToHost: true,
  aftLockDemanded: false,
  aftLockRefusedInGame: false,
  aftShortErrorReply: false,
  legacyHandpay: false,
  event88Data: true,
  reels: 0,
  legacyTransfers: false,
  stackingMs: 200,
  transferMs: 100,
  signatureMs: 500,
};

const TEN_THOUSANDTHS_PER_UNIT = 10_000n;
const TEN_THOUSANDTHS_PER_CENT = 100n;

/** What a credit is worth, in 1/10000 of the currency's major unit. @throws RangeError on an unknown denomination */
function creditValue({ denomination }: MachineSettings): bigint {
  const value = denominationOf(denomination)?.tenThousandths;
  if (value === undefined) throw new RangeError(`${denomination} is not a denomination code`);
  return value;
}

/** How many credits an amount in whole dollars is; null when it is not a whole number of them. */
export const creditsOf = (dollars: bigint, settings: MachineSettings): bigint | null =>
  creditsOfAmount(dollars * TEN_THOUSANDTHS_PER_UNIT, settings);

/** How many credits an amount in cents is; null when it is not a whole number of them. */
export const creditsOfCents = (cents: bigint, settings: MachineSettings): bigint | null =>
  creditsOfAmount(cents * TEN_THOUSANDTHS_PER_CENT, settings);

/** How many credits a coin or token is; null when it is not a whole number of them. */
export const creditsOfToken = (denomination: number, settings: MachineSettings): bigint | null =>
  creditsOfAmount(denominationOf(denomination)?.tenThousandths ?? 0n, settings);

function creditsOfAmount(amount: bigint, settings: MachineSettings): bigint | null {
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
