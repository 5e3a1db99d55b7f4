import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { definitionOf, isInSet, METER_DEFINITIONS, type MeterSet, meterMoney } from '../machine/meter.ts';
import type { MeterGap, MeterMovement } from '../machine/meter-report.ts';
import { listGaps, listMovements } from '../machine/meter-report-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { MachineType } from './machine-type.ts';
import { parseMachineIds } from './meter.ts';
import { labelOf, MeterCodeEnum, MeterSetEnum, MeterUnitEnum } from './meter-type.ts';
import { MoneyType } from './money.ts';
import { ownVenue } from './venue.ts';

interface MachineReport {
  readonly machineId: string;
  readonly movements: readonly MeterMovement[];
  readonly missing: readonly MeterGap[];
}

interface MeterReport {
  readonly from: Date;
  readonly to: Date;
  readonly machines: readonly MachineReport[];
}

interface ShownMovement extends MeterMovement {
  readonly machineId: string;
}

const MeterGapType = builder.objectRef<MeterGap>('MeterGap').implement({
  description: 'A stretch of more than a minute in which a machine’s meters were not read.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'The last reading before it.' }),
    to: t.expose('to', { type: 'DateTime', description: 'The first reading behind it, or now.' }),
  }),
});

const MeterMovementType = builder.objectRef<ShownMovement>('MeterMovement').implement({
  description: 'What one counter of a machine moved between two instants.',
  fields: (t) => ({
    code: t.field({ type: MeterCodeEnum, description: 'Which meter.', resolve: ({ code }) => code }),
    label: t.string({ description: 'Its name in English.', resolve: ({ code }) => labelOf(code) }),
    unit: t.field({
      type: MeterUnitEnum,
      description: 'What it counts.',
      resolve: ({ code }) => definitionOf(code)?.unit ?? 'COUNT',
    }),
    opening: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The raw value at the first instant; null when it had not been read by then.',
      resolve: ({ opening }) => opening,
    }),
    closing: t.field({
      type: 'BigInt',
      description: 'The raw value at the second instant.',
      resolve: ({ closing }) => closing,
    }),
    delta: t.field({
      type: 'BigInt',
      description:
        'What it moved, in its unit: the sum of all differences, roll-overs included. What was counted across a reset is not in it.',
      resolve: ({ delta }) => delta,
    }),
    deltaMoney: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What the difference is worth, by the denomination the machine has now. Null where the meter counts no money, or the machine has not told its denomination.',
      resolve: (movement, _args, context) => moneyOf(movement, context),
    }),
    resets: t.exposeInt('resets', { description: 'How often it was cleared or replaced.' }),
    countedFrom: t.expose('countedFrom', {
      type: 'DateTime',
      nullable: true,
      description: 'Its first reading, when that lies behind the first instant: it is counted from there.',
    }),
    isComplete: t.boolean({
      description:
        'Whether nothing is missing in `delta`: it was read before the first instant, and never reset.',
      resolve: ({ opening, resets }) => opening !== null && resets === 0,
    }),
  }),
});

const MachineMeterReportType = builder.objectRef<MachineReport>('MachineMeterReport').implement({
  description: 'What the counters of one machine moved between two instants.',
  fields: (t) => ({
    machine: t.field({
      type: MachineType,
      description: 'Which machine.',
      resolve: ({ machineId }) => machineId,
    }),
    movements: t.field({
      type: [MeterMovementType],
      description:
        'The chosen meters that had been read by the second instant, in the order of their SAS codes.',
      resolve: ({ machineId, movements }) => movements.map((movement) => ({ ...movement, machineId })),
    }),
    missing: t.field({
      type: [MeterGapType],
      description:
        'When the machine was not read, the earliest first. The counters went on: what they moved in a gap over one of the two instants is counted where the gap ends.',
      resolve: ({ missing }) => [...missing],
    }),
  }),
});

const MeterReportType = builder.objectRef<MeterReport>('MeterReport').implement({
  description: 'What the counters of machines moved between two instants.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'The first instant.' }),
    to: t.expose('to', { type: 'DateTime', description: 'The second instant.' }),
    machines: t.field({
      type: [MachineMeterReportType],
      description: 'One for each machine that has ever been read.',
      resolve: ({ machines }) => [...machines],
    }),
  }),
});

builder.queryField('meterReport', (t) =>
  t.field({
    type: MeterReportType,
    nullable: true,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'What each counter moved between two instants, across roll-over and reset, to the last reading before each: some seconds. Reaches as far back as METER_RETENTION keeps. Needs MACHINES_READ (AUTH_004).',
    complexity: { field: 100, multiplier: 1 },
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'The first instant.' }),
      to: t.arg({
        type: 'DateTime',
        description: 'The second one, behind the first (ValidationError); now without it.',
      }),
      machineIds: t.arg.idList({
        description:
          'Of these machines, 1 to 100 (API_001); without it of all that were on the floor in between, those removed since included. One that does not exist gives API_002.',
      }),
      set: t.arg({
        type: MeterSetEnum,
        required: true,
        defaultValue: 'BASIC',
        description: 'Which meters, unless `codes` names them.',
      }),
      codes: t.arg({ type: [MeterCodeEnum], description: 'Exactly these meters, at least one (API_001).' }),
    },
    resolve: async (_root, { from, to: until, set, codes, ...args }, context) => {
      const { db, now } = context;
      const venueId = venueIdOf(context);
      const to = until ?? now;
      const machineIds = await parseMachineIds(args.machineIds, context);
      if (from >= to) throw new ValidationError('from takes an instant before to.', { field: 'from' });
      const span = { from, to, machineIds, codes: codes ?? codesOf(set) };
      const movements = await listMovements(db, venueId, span);
      const gaps = await listGaps(db, venueId, { from, to, now, machineIds: [...movements.keys()] });
      const machines = Array.from(movements, ([machineId, moved]) => ({
        machineId,
        movements: moved,
        missing: gaps.filter((gap) => gap.machineId === machineId),
      }));
      return { from, to, machines };
    },
  }),
);

/** Null: all there are. */
const codesOf = (set: MeterSet): readonly number[] | null =>
  set === 'ALL' ? null : METER_DEFINITIONS.map(({ code }) => code).filter((code) => isInSet(code, set));

async function moneyOf({ code, delta, machineId }: ShownMovement, context: Context) {
  const [machine, venue] = await Promise.all([
    MachineType.getDataloader(context).load(machineId),
    ownVenue(context),
  ]);
  if (!machine) throw new NotFoundError('machine');
  const { identity } = machine;
  return meterMoney(
    { code, amount: delta },
    { denominationCode: identity?.denominationCode ?? null, currency: venue.currency },
  );
}
