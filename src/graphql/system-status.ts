import { readStateVersion } from '../events/cursor.ts';
import type { StateFrame, StateItem } from '../events/source.ts';
import { listLines } from '../machine/line-store.ts';
import type { SasLine } from '../machine/machine.ts';
import { sightOfMachines } from '../machine/policy.ts';
import { countConnections } from '../machine/store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context, Health } from './context.ts';
import { HealthType } from './health.ts';
import { SasLineType } from './sas-line.ts';

interface SystemStatus {
  readonly health: Health;
  readonly lines: readonly SasLine[];
  readonly online: number;
  readonly offline: number;
  readonly version: bigint;
  readonly skipped: number;
}

const SystemStatusType = builder.objectRef<SystemStatus>('SystemStatus').implement({
  description: 'How a venue’s floor is connected.',
  fields: (t) => ({
    health: t.expose('health', {
      type: HealthType,
      description: 'The server’s parts and each serial line, one check each.',
    }),
    lines: t.field({
      type: [SasLineType],
      description: 'The serial lines, by name.',
      resolve: ({ lines }) => [...lines],
    }),
    machinesOnline: t.exposeInt('online', { description: 'How many machines answer.' }),
    machinesOffline: t.exposeInt('offline', { description: 'How many once answered and no longer do.' }),
    version: t.field({
      type: 'BigInt',
      description: 'Of two frames the one with the greater is the newer, on whatever connection they came.',
      resolve: ({ version }) => version,
    }),
    skipped: t.exposeInt('skipped', {
      description:
        'How many changes this server left out since the frame before, because they came too fast. What was left out on its way from another process is not among them.',
    }),
  }),
});

builder.subscriptionField('systemStatus', (t) =>
  t.field({
    type: SystemStatusType,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'First how things are, then again whenever a line or a machine came or went, or was configured. A slow reader gets the newest. Needs MACHINES_READ (AUTH_004).',
    subscribe: (_root, _args, context) => {
      const venueId = venueIdOf(context);
      return context.streams.state<'machine.connection-changed', Context>({
        types: ['machine.connection-changed'],
        changedBy: { types: ['machine.line-configured', 'machine.line-removed'], item: CHANGED },
        venueId,
        sightOf: (actor) => sightOfMachines(actor, { venueId }),
        read: async () => [CHANGED],
        itemOf: () => CHANGED,
      });
    },
    resolve: ({ skipped }: StateFrame, _args, context) => readStatus(context, skipped),
  }),
);

/** A frame only says that something changed; what is read then is the newest. */
const CHANGED: StateItem = Object.freeze({ subject: 'venue', version: null, value: null });

async function readStatus(context: Context, skipped: number): Promise<SystemStatus> {
  const venueId = venueIdOf(context);
  const version = await readStateVersion(context.db);
  const [lines, connections] = await Promise.all([
    listLines(context.db, venueId),
    countConnections(context.db, venueId),
  ]);
  // Of the same lines: a frame must not contradict itself.
  const health = await context.venueHealth(lines);
  return {
    health,
    lines,
    online: connections.ONLINE,
    offline: connections.OFFLINE,
    version,
    skipped,
  };
}
