/** What a scenario says a machine is: the switches of SAS.md 12, in JSON, and what they make of a machine. */
import * as z from 'zod';
import { denominationOf } from '../codec/denominations.ts';
import { NO_FEATURES } from '../codec/features.ts';
import type { EgmOptions } from './egm.ts';
import { DEFAULT_SETTINGS, type MachineSettings } from './machine-settings.ts';
import type { Random } from './random.ts';

const denomination = z.int().refine((code) => denominationOf(code) !== null, 'is not a denomination code');
const pollCode = z
  .string()
  .regex(/^[0-9A-F]{2}$/, 'is not the code of a poll, such as "1B"')
  .transform((hex) => Number.parseInt(hex, 16));
const credits = z.int().nonnegative().transform(BigInt);

export const machineProfile = z.strictObject({
  serialNumber: z.string().max(40).optional(),
  denomination: denomination.default(DEFAULT_SETTINGS.denomination),
  /** What the player can wager in. */
  denoms: z.array(denomination).default([]),
  /** Names of the games; none is a machine with one. */
  games: z.array(z.string().min(1).max(255)).max(9_999).default([]),
  jackpotLimit: credits.default(DEFAULT_SETTINGS.jackpotLimit),
  assetNumber: z.int().min(1).max(0xffff_ffff).default(DEFAULT_SETTINGS.assetNumber),
  printer: z.boolean().default(false),
  ticketRedemption: z.boolean().default(false),
  validationStyle: z.enum(['STANDARD', 'SYSTEM', 'SECURE_ENHANCED']).default('STANDARD'),
  /** None is a machine without AFT. */
  aftClasses: z.array(z.enum(['IN_HOUSE', 'BONUS', 'DEBIT'])).default([]),
  aftPartialToHost: z.boolean().default(true),
  aftShortErrorReply: z.boolean().default(false),
  legacyBonus: z.boolean().default(false),
  tournament: z.boolean().default(false),
  progressiveGroup: z.int().min(0).max(0xff).default(0),
  progressiveLevels: z.array(z.int().min(1).max(32)).default([]),
  reels: z.int().min(0).max(9).default(0),
  legacyHandpay: z.boolean().default(false),
  event88Data: z.boolean().default(true),
  fastPoll40ms: z.boolean().default(true),
  rteSendsIdle: z.boolean().default(true),
  responseDelayMs: z.number().min(0).max(25).default(0),
  /** How likely a long poll is answered with busy. */
  busyRate: z.number().min(0).max(1).default(0),
  /** The only polls the machine knows; left out, all that fit the rest of the profile. */
  supportedPolls: z.array(pollCode).optional(),
});

export type MachineProfile = z.infer<typeof machineProfile>;

/** @param random decides when the machine is busy */
export function egmOptionsOf(
  profile: MachineProfile,
  random: Random,
): Omit<EgmOptions, 'address' | 'clock' | 'memory'> {
  const known = profile.supportedPolls;
  const all = Array.from({ length: 0x100 }, (_, code) => code);
  return {
    settings: settingsOf(profile),
    responseDelayMs: profile.responseDelayMs,
    isBusy: () => profile.busyRate > 0 && random() < profile.busyRate,
    unsupportedPolls: new Set(known === undefined ? [] : all.filter((code) => !known.includes(code))),
    reportsIdleInRealTime: profile.rteSendsIdle,
  };
}

function settingsOf(profile: MachineProfile): MachineSettings {
  const { games, denoms, fastPoll40ms, serialNumber, ...rest } = profile;
  const { validationStyle, ticketRedemption, legacyBonus, tournament, aftClasses } = profile;
  const base = { ...DEFAULT_SETTINGS, ...pickSettings(rest) };
  return {
    ...base,
    serialNumber: serialNumber ?? DEFAULT_SETTINGS.serialNumber,
    denominations: denoms,
    games: games.map((name) => ({ ...base, name })),
    features: {
      ...NO_FEATURES,
      extendedMeters: true,
      meterModel: 'WHEN_WON',
      fastPolling: fastPoll40ms,
      validationStyle,
      ticketRedemption,
      validationExtensions: profile.printer || ticketRedemption,
      legacyBonus,
      tournament,
      aft: aftClasses.length > 0,
      aftBonus: aftClasses.includes('BONUS'),
      multiDenomination: denoms.length > 1,
      multipleProgressiveWins: profile.progressiveGroup > 0,
    },
  };
}

function pickSettings(profile: Omit<MachineProfile, 'games' | 'denoms' | 'fastPoll40ms' | 'serialNumber'>) {
  const { denomination: code, jackpotLimit, assetNumber, printer } = profile;
  const { aftClasses, aftPartialToHost, aftShortErrorReply } = profile;
  const { progressiveGroup, progressiveLevels, reels, legacyHandpay, event88Data } = profile;
  return {
    denomination: code,
    jackpotLimit,
    assetNumber,
    printer,
    aftClasses,
    aftPartialToHost,
    aftShortErrorReply,
    progressiveGroup,
    progressiveLevels,
    reels,
    legacyHandpay,
    event88Data,
  };
}
