import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { formatMoney, type Money } from '../lib/money.ts';
import type { Machine } from '../machine/machine.ts';
import {
  definitionOf,
  isInSet,
  METER_DEFINITIONS,
  type MeterSet,
  type MeterSnapshot,
  type MeterValue,
  meterMoney,
} from '../machine/meter.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { MachineType } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { ownVenue } from './venue.ts';

export const MeterSetEnum = builder.enumType('MeterSet', {
  description: 'A choice of meters.',
  values: {
    BASIC: { description: 'Credits, coin in and out, drop, jackpot, cancelled credits and games.' },
    BILLS: { description: 'How many bills of each value were accepted.' },
    ALL: { description: 'Every meter that was read from the machine.' },
  },
});

export const MeterCodeEnum = builder.enumType('MeterCode', {
  description: 'A meter of SAS 6.02. Clients must survive values they do not know.',
  values: Object.fromEntries(
    METER_DEFINITIONS.map(({ code, name, label, unit }) => [
      name,
      { value: code, description: `${label}, in ${unit.toLowerCase().replaceAll('_', ' ')}.` },
    ]),
  ),
});

export const MeterUnitEnum = builder.enumType('MeterUnit', {
  description: 'What a meter counts.',
  values: {
    CREDITS: { description: 'Units of the machine’s accounting denomination.' },
    CENTS: { description: 'Hundredths of the currency’s main unit.' },
    COUNT: { description: 'How often something happened.' },
    BILLS: { description: 'Bills.' },
    HUNDREDTHS_PERCENT: { description: 'Hundredths of a per cent.' },
  },
});

/** Meters of a machine, as a selection of them is shown. */
export interface ShownMeters {
  readonly snapshot: MeterSnapshot;
  readonly isShown: (code: number) => boolean;
  /** On a frame of a stream. */
  readonly skipped?: number;
}

interface ShownMeter {
  readonly meter: MeterValue;
  /** Null where the last reading did not tell a difference; zero where nothing changed. */
  readonly delta: bigint | null;
  readonly machine: Pick<Machine, 'identity'>;
  readonly currency: string;
}

const moneyOf = ({ meter, machine, currency }: ShownMeter, amount: bigint): Money | null =>
  meterMoney(
    { code: meter.code, amount },
    { denominationCode: machine.identity?.denominationCode ?? null, currency },
  );

const localeArgument = {
  required: true,
  defaultValue: 'en-US',
  description: 'A BCP 47 language tag: `de-DE`. Anything else gives API_001.',
} as const;

const MeterValueType = builder.objectRef<ShownMeter>('MeterValue').implement({
  description: 'One meter of a machine as it stands.',
  fields: (t) => ({
    code: t.field({ type: MeterCodeEnum, description: 'Which meter.', resolve: ({ meter }) => meter.code }),
    label: t.string({ description: 'Its name in English.', resolve: ({ meter }) => labelOf(meter.code) }),
    unit: t.field({
      type: MeterUnitEnum,
      description: 'What it counts.',
      resolve: ({ meter }) => definitionOf(meter.code)?.unit ?? 'COUNT',
    }),
    value: t.field({
      type: 'BigInt',
      description: 'The raw counter or gauge, in its unit.',
      resolve: ({ meter }) => meter.value,
    }),
    money: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What the value is worth. Null where the meter counts no money, or the machine has not told its denomination.',
      resolve: (shown) => moneyOf(shown, shown.meter.value),
    }),
    delta: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'The difference to the reading before, roll-over included. Null at the first reading and where a counter was reset.',
      resolve: ({ delta }) => delta,
    }),
    deltaMoney: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What the difference is worth; null as `money` and `delta` are.',
      resolve: (shown) => (shown.delta === null ? null : moneyOf(shown, shown.delta)),
    }),
    formatted: t.string({
      description: 'The value for a person: `$1,234.50` for money, `1,234` for a count.',
      args: { locale: t.arg.string(localeArgument) },
      resolve: (shown, { locale }) => formatted(shown, locale),
    }),
  }),
});

const FormattedMeterType = builder.objectRef<{ label: string; text: string }>('FormattedMeter').implement({
  description: 'A meter ready to print.',
  fields: (t) => ({
    label: t.exposeString('label', { description: 'The meter’s name in English.' }),
    text: t.exposeString('text', { description: 'Its value as people of the locale write it.' }),
  }),
});

export const MeterSnapshotType = builder.objectRef<ShownMeters>('MeterSnapshot').implement({
  description: 'The meters of one machine as of one reading.',
  fields: (t) => ({
    machine: t.field({
      type: MachineType,
      description: 'Whose meters.',
      resolve: ({ snapshot }) => snapshot.machineId,
    }),
    readAt: t.field({
      type: 'DateTime',
      description: 'When they were read.',
      resolve: ({ snapshot }) => snapshot.readAt,
    }),
    version: t.field({
      type: 'BigInt',
      description: 'Grows with every reading of this machine that changed something.',
      resolve: ({ snapshot }) => snapshot.version,
    }),
    skipped: t.int({
      description:
        'On a frame of the subscription: how many changes of this machine this server left out since the frame before. What was left out on its way from another process is not among them: by how much `version` grew tells of that too. 0 in a query.',
      resolve: ({ skipped }) => skipped ?? 0,
    }),
    values: t.field({
      type: [MeterValueType],
      description: 'The chosen meters, in the order of their SAS codes.',
      resolve: (shown, _args, context) => shownMeters(shown, context),
    }),
    formattedDisplay: t.field({
      type: [FormattedMeterType],
      description: 'The chosen meters as label and text.',
      args: { locale: t.arg.string(localeArgument) },
      resolve: async (shown, { locale }, context) =>
        (await shownMeters(shown, context)).map((meter) => ({
          label: labelOf(meter.meter.code),
          text: formatted(meter, locale),
        })),
    }),
  }),
});

async function shownMeters({ snapshot, isShown }: ShownMeters, context: Context): Promise<ShownMeter[]> {
  const [machine, venue] = await Promise.all([
    MachineType.getDataloader(context).load(snapshot.machineId),
    ownVenue(context),
  ]);
  if (!machine || !venue) throw new NotFoundError('machine');
  return snapshot.values
    .filter(({ code }) => isShown(code))
    .map((meter) => ({
      meter,
      delta: isFresh(meter, snapshot) ? meter.delta : 0n,
      machine,
      currency: venue.currency,
    }));
}

/** Whether the snapshot's own reading changed this meter. */
export const isFresh = (meter: MeterValue, { readAt }: MeterSnapshot) =>
  meter.changedAt.getTime() === readAt.getTime();

export const labelOf = (code: number) =>
  definitionOf(code)?.label ?? `Meter ${code.toString(16).padStart(4, '0')}`;

function formatted(shown: ShownMeter, locale: string): string {
  try {
    const money = moneyOf(shown, shown.meter.value);
    return money ? formatMoney(money, locale) : new Intl.NumberFormat(locale).format(shown.meter.value);
  } catch (error) {
    if (error instanceof RangeError)
      throw new ValidationError('locale takes a BCP 47 language tag such as de-DE.', {
        field: 'locale',
        cause: error,
      });
    throw error;
  }
}

/** Which meters to show: the codes where given, else the set. */
export const meterFilter = (args: {
  readonly set: MeterSet;
  readonly codes?: readonly number[] | null | undefined;
}) => {
  if (!args.codes) return (code: number) => isInSet(code, args.set);
  const codes = new Set(args.codes);
  return (code: number) => codes.has(code);
};
