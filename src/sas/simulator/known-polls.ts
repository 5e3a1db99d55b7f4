/** Which long polls a simulated machine knows, by what it is; it is silent to all others (SAS.md 5.2). */
import { ANSWERS } from './answers.ts';
import type { MachineSettings } from './machine-settings.ts';
import { hasProgressives } from './progressives.ts';

type Condition = (settings: MachineSettings) => boolean;

const validates =
  (...styles: readonly string[]): Condition =>
  ({ features, printer }) =>
    (printer || features.ticketRedemption) && styles.includes(features.validationStyle);

const hasCoins: Condition = ({ coins }) => coins !== null;
const hasAft: Condition = ({ features }) => features.aft;
const printsTransfers: Condition = ({ features, printer }) => features.aft && printer;
const hasBonus: Condition = ({ features }) => features.legacyBonus;
const hasTournament: Condition = ({ features }) => features.tournament;
const hasExtendedMeters: Condition = ({ features }) => features.extendedMeters;
const redeems: Condition = ({ features }) => features.ticketRedemption;
const hasValidationExtensions: Condition = ({ features }) => features.validationExtensions;
const isOld: Condition = ({ legacyTransfers }) => legacyTransfers;

const FIRST_VERSION_WITH_NUMBERS = '603';

/** Polls that not every machine knows, by code. */
const CONDITIONS: ReadonlyMap<number, Condition> = new Map<number, Condition>([
  [0x1d, isOld],
  [0x28, isOld],
  [0x2a, hasCoins],
  [0x2b, hasCoins],
  [0x2c, hasCoins],
  [0x3d, validates('STANDARD')],
  [0x4c, validates('SECURE_ENHANCED')],
  [0x4d, validates('SECURE_ENHANCED', 'SYSTEM')],
  [0x4f, hasCoins],
  [0x50, validates('STANDARD', 'SECURE_ENHANCED', 'SYSTEM')],
  [0x57, validates('SYSTEM')],
  [0x58, validates('SYSTEM')],
  [0x6f, hasExtendedMeters],
  [0x70, redeems],
  [0x71, redeems],
  [0x72, hasAft],
  [0x73, hasAft],
  [0x74, hasAft],
  [0x75, printsTransfers],
  [0x76, printsTransfers],
  [0x7b, hasValidationExtensions],
  [0x7c, hasValidationExtensions],
  [0x7d, ({ printer }) => printer],
  [0x80, hasProgressives],
  [0x83, hasProgressives],
  [0x84, hasProgressives],
  [0x85, hasProgressives],
  [0x86, hasProgressives],
  [0x87, (settings) => hasProgressives(settings) && settings.features.multipleProgressiveWins],
  [0x8a, hasBonus],
  [0x8c, hasTournament],
  [0x8f, ({ reels }) => reels > 0],
  [0x90, hasBonus],
  [0x95, hasTournament],
  [0x96, hasTournament],
  [0x97, hasTournament],
  [0x98, hasTournament],
  [0x99, hasTournament],
  [0x9a, hasBonus],
  [0xa4, ({ cashOutLimit }) => cashOutLimit !== null],
  [0xaf, hasExtendedMeters],
  [0xb0, ({ features }) => features.multiDenomination],
  [0xb3, hasCoins],
  [0xb7, ({ sasVersion }) => sasVersion >= FIRST_VERSION_WITH_NUMBERS],
]);

export const isKnownPoll = (code: number, settings: MachineSettings): boolean =>
  ANSWERS.has(code) && (CONDITIONS.get(code)?.(settings) ?? true);
