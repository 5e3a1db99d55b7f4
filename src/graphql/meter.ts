import type { StateFrame, StateItem, StateSource } from '../events/source.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { MeterSnapshot } from '../machine/meter.ts';
import { findMeters } from '../machine/meter-store.ts';
import { sightOfMachines } from '../machine/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { MachineType } from './machine-type.ts';
import {
  isFresh,
  MeterCodeEnum,
  MeterSetEnum,
  MeterSnapshotType,
  meterFilter,
  type ShownMeters,
} from './meter-type.ts';
import { parseMinInterval } from './min-interval.ts';
import { MAX_PAGE_SIZE } from './page.ts';
import { perContext } from './per-context.ts';

/** @throws ValidationError for malformed ids or too many; NotFoundError when one is not the caller's to see */
export async function parseMachineIds(
  ids: readonly string[] | null | undefined,
  context: Context,
): Promise<readonly string[] | null> {
  if (!ids) return null;
  if (ids.length > MAX_PAGE_SIZE)
    throw new ValidationError(`At most ${MAX_PAGE_SIZE} machines can be named.`, { field: 'machineIds' });
  const decoded = [...new Set(ids.map((id) => decodeIdOf('Machine', id)))];
  const found = await MachineType.getDataloader(context).loadMany(decoded);
  if (found.some((machine) => machine === null || machine instanceof Error))
    throw new NotFoundError('machine');
  return decoded;
}

builder.objectFields(MachineType, (t) => ({
  meters: t.field({
    type: MeterSnapshotType,
    nullable: true,
    description: 'Its meters as they were last read; null when they never were.',
    args: {
      set: t.arg({ type: MeterSetEnum, required: true, defaultValue: 'BASIC', description: 'Which meters.' }),
    },
    resolve: async ({ id }, { set }, context) => {
      const snapshot = await snapshotOf(context).load(id);
      return snapshot && { snapshot, isShown: meterFilter({ set }) };
    },
  }),
}));

const snapshotOf = perContext(async (context, ids) => {
  const snapshots = await findMeters(context.db, venueIdOf(context), ids);
  return new Map(snapshots.map((snapshot) => [snapshot.machineId, snapshot]));
});

const meterArguments = builder.args((t) => ({
  machineIds: t.idList({
    description:
      'Of these machines, 1 to 100 (API_001); of all the venue’s without it. One that does not exist gives API_002.',
  }),
  set: t.field({
    type: MeterSetEnum,
    required: true,
    defaultValue: 'BASIC',
    description: 'Which meters, unless `codes` names them.',
  }),
  codes: t.field({ type: [MeterCodeEnum], description: 'Exactly these meters, at least one (API_001).' }),
}));

builder.queryField('meters', (t) =>
  t.field({
    type: [MeterSnapshotType],
    nullable: true,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'The meters of machines as they were last read. The subscription of the same name keeps them current. Needs MACHINES_READ (AUTH_004).',
    args: meterArguments,
    complexity: { field: 10, multiplier: 10 },
    resolve: async (_root, args, context) => {
      const ids = await parseMachineIds(args.machineIds, context);
      const isShown = meterFilter(args);
      return (await findMeters(context.db, venueIdOf(context), ids)).map((snapshot) => ({
        snapshot,
        isShown,
      }));
    },
  }),
);

const streamArguments = builder.args((t) => ({
  minIntervalMs: t.int({
    description:
      'At least so many milliseconds, up to 60000, between two changes of one machine: the newest is shown, `skipped` tells how many were not. 0 without it: every one.',
  }),
}));

builder.subscriptionField('meters', (t) =>
  t.field({
    type: MeterSnapshotType,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'First one frame per machine with its meters as they stand, then one whenever a reading changed one of them. A reader that is too slow gets the newest of each machine; `version` and `skipped` tell. Needs MACHINES_READ (AUTH_004).',
    args: { ...meterArguments, ...streamArguments },
    subscribe: async (_root, args, context) => {
      const ids = await parseMachineIds(args.machineIds, context);
      return meterSource(context, {
        ids,
        isShown: meterFilter(args),
        minIntervalMs: parseMinInterval(args.minIntervalMs),
      });
    },
    resolve: ({ value, skipped }: StateFrame<ShownMeters>) => ({ skipped, ...value }),
  }),
);

function meterSource(
  { streams, ...context }: Pick<Context, 'streams' | 'rights'>,
  {
    ids,
    isShown,
    minIntervalMs,
  }: {
    readonly ids: readonly string[] | null;
    readonly isShown: (code: number) => boolean;
    readonly minIntervalMs: number;
  },
): StateSource<Context> {
  const venueId = venueIdOf(context);
  const wanted = ids && new Set(ids);
  const itemOf = (snapshot: MeterSnapshot): StateItem => ({
    subject: snapshot.machineId,
    version: snapshot.version,
    value: { snapshot, isShown } satisfies ShownMeters,
  });
  return streams.state<'machine.meters-changed', Context>({
    types: ['machine.meters-changed'],
    venueId,
    minIntervalMs,
    sightOf: (actor) => sightOfMachines(actor, { venueId }),
    read: async ({ db }) => (await findMeters(db, venueId, ids)).map(itemOf),
    itemOf: ({ payload }) => {
      const isWanted = wanted?.has(payload.machineId) ?? true;
      const hasChanged = payload.values.some((meter) => isShown(meter.code) && isFresh(meter, payload));
      return isWanted && hasChanged ? itemOf(payload) : null;
    },
  });
}
