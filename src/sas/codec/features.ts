/** The feature bits of poll A0, by name (SAS.md 6.4). */
import { type Field, padded } from './fields.ts';
import { byte } from './number-fields.ts';

export type ValidationStyle = 'STANDARD' | 'SYSTEM' | 'SECURE_ENHANCED' | 'RESERVED';
export type MeterModel = 'UNSPECIFIED' | 'WHEN_WON' | 'WHEN_PLAYED_OR_PAID' | 'RESERVED';

const VALIDATION_STYLES = ['STANDARD', 'SYSTEM', 'SECURE_ENHANCED', 'RESERVED'] as const;
const METER_MODELS = ['UNSPECIFIED', 'WHEN_WON', 'WHEN_PLAYED_OR_PAID', 'RESERVED'] as const;

export interface Features {
  readonly jackpotMultiplier: boolean;
  readonly aftBonus: boolean;
  readonly legacyBonus: boolean;
  readonly tournament: boolean;
  readonly validationExtensions: boolean;
  readonly validationStyle: ValidationStyle;
  readonly ticketRedemption: boolean;
  readonly meterModel: MeterModel;
  readonly ticketsInTotalDrop: boolean;
  readonly extendedMeters: boolean;
  readonly componentAuthentication: boolean;
  /** Features2 bit 5: reserved, or a 6.03 feature. */
  readonly features2Bit5: boolean;
  readonly aft: boolean;
  readonly multiDenomination: boolean;
  /** Whether the machine may be polled every 40 ms instead of every 200 ms. */
  readonly fastPolling: boolean;
  readonly multipleProgressiveWins: boolean;
  /** Features3 bits 2 to 7 as read, shifted down: 6.03, meaning unknown. */
  readonly features3High: number;
}

/** A machine that promises nothing. */
export const NO_FEATURES: Features = Object.freeze(readFeatures(0, 0, 0));

const RESERVED_BYTES = 3;

const featureBytes: Field<Features> = {
  size: 3,
  read: (cursor) => readFeatures(byte.read(cursor), byte.read(cursor), byte.read(cursor)),
  write(value, out) {
    for (const each of writeFeatures(value)) byte.write(each, out);
  },
  notation: () => 'features1:1 features2:1 features3:1',
};

/** Three feature bytes and three reserved ones. */
export const features: Field<Features> = padded(featureBytes, RESERVED_BYTES);

function bit(byteValue: number, index: number): boolean {
  return ((byteValue >> index) & 1) === 1;
}

function readFeatures(f1: number, f2: number, f3: number): Features {
  return {
    jackpotMultiplier: bit(f1, 0),
    aftBonus: bit(f1, 1),
    legacyBonus: bit(f1, 2),
    tournament: bit(f1, 3),
    validationExtensions: bit(f1, 4),
    validationStyle: VALIDATION_STYLES[(f1 >> 5) & 3] ?? 'RESERVED',
    ticketRedemption: bit(f1, 7),
    meterModel: METER_MODELS[f2 & 3] ?? 'RESERVED',
    ticketsInTotalDrop: bit(f2, 2),
    extendedMeters: bit(f2, 3),
    componentAuthentication: bit(f2, 4),
    features2Bit5: bit(f2, 5),
    aft: bit(f2, 6),
    multiDenomination: bit(f2, 7),
    fastPolling: bit(f3, 0),
    multipleProgressiveWins: bit(f3, 1),
    features3High: f3 >> 2,
  };
}

const bits = (...set: readonly boolean[]): number =>
  set.reduce((sum, on, index) => sum | (on ? 1 << index : 0), 0);

function writeFeatures(f: Features): readonly [number, number, number] {
  const style = VALIDATION_STYLES.indexOf(f.validationStyle) << 5;
  const model = METER_MODELS.indexOf(f.meterModel);
  const first = bits(f.jackpotMultiplier, f.aftBonus, f.legacyBonus, f.tournament, f.validationExtensions);
  const second = bits(
    f.ticketsInTotalDrop,
    f.extendedMeters,
    f.componentAuthentication,
    f.features2Bit5,
    f.aft,
  );
  return [
    first | style | (f.ticketRedemption ? 0x80 : 0),
    model | (second << 2) | (f.multiDenomination ? 0x80 : 0),
    bits(f.fastPolling, f.multipleProgressiveWins) | (f.features3High << 2),
  ];
}
