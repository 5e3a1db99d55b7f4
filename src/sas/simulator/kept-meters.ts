/** Which meters a simulated machine has: every other one is "unsupported" on the wire. */
import { METERS, type MeterName, meterCode } from '../codec/meters.ts';
import type { MachineSettings } from './machine-settings.ts';

const ALWAYS: readonly MeterName[] = [
  'COIN_IN',
  'COIN_OUT',
  'JACKPOT',
  'HAND_PAID_CANCELLED_CREDITS',
  'CANCELLED_CREDITS',
  'GAMES_PLAYED',
  'GAMES_WON',
  'GAMES_LOST',
  'BILLS_ACCEPTED_CREDITS',
  'CURRENT_CREDITS',
  'MACHINE_PAID_PAYTABLE_WIN',
  'ATTENDANT_PAID_PAYTABLE_WIN',
  'TOTAL_WON',
  'TOTAL_HAND_PAID',
  'TOTAL_DROP',
  'GAMES_SINCE_POWER_RESET',
  'GAMES_SINCE_DOOR_CLOSED',
  'BILLS_IN_STACKER',
  'BILLS_IN_STACKER_CREDITS',
  'BILLS_ACCEPTED_1',
  'BILLS_ACCEPTED_2',
  'BILLS_ACCEPTED_5',
  'BILLS_ACCEPTED_10',
  'BILLS_ACCEPTED_20',
  'BILLS_ACCEPTED_50',
  'BILLS_ACCEPTED_100',
  'BILLS_TO_DROP_CREDITS',
];

const COINS: readonly MeterName[] = ['COIN_ACCEPTOR_CREDITS', 'HOPPER_PAID_CREDITS', 'COINS_TO_DROP_CREDITS'];

const PROGRESSIVES: readonly MeterName[] = ['MACHINE_PAID_PROGRESSIVE_WIN', 'ATTENDANT_PAID_PROGRESSIVE_WIN'];

const BONUS: readonly MeterName[] = ['MACHINE_PAID_BONUS_WIN', 'ATTENDANT_PAID_BONUS_WIN'];

const RESTRICTED: readonly MeterName[] = [
  'CURRENT_RESTRICTED_CREDITS',
  'RESTRICTED_PLAYED',
  'NONRESTRICTED_PLAYED',
];

/** By the blocks of SAS.md 8. */
const between = (first: number, last: number): readonly MeterName[] =>
  Array.from(METERS.values())
    .filter(({ code }) => code >= first && code <= last)
    .map(({ name }) => name);

const TICKETS: readonly MeterName[] = [
  ...between(0x0d, 0x16),
  ...between(0x28, 0x2d),
  ...between(0x35, 0x39),
  ...between(0x80, 0x93),
];

const AFT: readonly MeterName[] = [...between(0x17, 0x18), ...between(0x2e, 0x34), ...between(0xa0, 0xbd)];

/** Of a machine as it left the factory. */
export function keptMeters(settings: MachineSettings): readonly number[] {
  const { features, coins, progressiveLevels } = settings;
  const names = [
    ...ALWAYS,
    ...(coins === null ? [] : COINS),
    ...(progressiveLevels.length > 0 ? PROGRESSIVES : []),
    ...(features.legacyBonus || features.aftBonus ? BONUS : []),
    ...(settings.printer || features.ticketRedemption ? TICKETS : []),
    ...(features.aft ? AFT : []),
    ...(features.aft || features.ticketRedemption ? RESTRICTED : []),
  ];
  return names.map(meterCode);
}
