import {
  blankDisplay,
  type Display,
  type DisplayCause,
  type Failed,
  isCurrent,
  type LayoutAt,
} from '../signage/display.ts';
import { countDisplaysOf, listDisplaysOf } from '../signage/display-list-store.ts';
import { findDisplays } from '../signage/display-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import { LayoutRevisionType, revisionKey } from './layout-revision-type.ts';
import { LayoutType, seesWork } from './layout-type.ts';
import { ID_KEYS, resolvePageBy } from './page.ts';

export const DisplayCauseEnum = builder.enumType('DisplayCause', {
  description: 'What made a device show what it shall show. Clients must survive values they do not know.',
  values: {
    PUSH: { description: 'It was pushed to it.' },
    SCHEDULE: { description: 'A schedule says so: that goes before what was pushed.' },
    TAKEOVER: { description: 'A takeover is on: that goes before everything.' },
  } satisfies Record<DisplayCause, { description: string }>,
});

const DisplayFailureType = builder.objectRef<Failed>('DisplayFailure').implement({
  description: 'A device cannot show what it shall show.',
  fields: (t) => ({
    displayVersion: t.field({
      type: 'BigInt',
      description: 'Which display it is that it cannot show.',
      resolve: ({ version }) => version,
    }),
    reason: t.exposeString('reason', { description: 'Why, in the words of the device.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it said so.' }),
  }),
});

export const DeviceDisplayType = builder.loadableObjectRef<Display, string>('DeviceDisplay', {
  load: loadDisplays,
});

const keyOf = (layout: LayoutAt | null): string | null => layout && revisionKey(layout);

DeviceDisplayType.implement({
  description: 'What a device shall show, and what it says of that. Seen by who may see the device.',
  fields: (t) => ({
    device: t.field({ type: DeviceType, description: 'Which device.', resolve: ({ deviceId }) => deviceId }),
    displayVersion: t.field({
      type: 'BigInt',
      description:
        'Grows whenever the device is to do something; 0 when it never was. With it the device answers.',
      resolve: ({ version }) => version,
    }),
    desired: t.field({
      type: LayoutRevisionType,
      nullable: true,
      description: 'What it shall show; null: nothing.',
      resolve: ({ desired }) => keyOf(desired),
    }),
    cause: t.field({
      type: DisplayCauseEnum,
      nullable: true,
      description: 'Why; null with nothing to show.',
      resolve: ({ desired }) => desired?.cause,
    }),
    desiredAt: t.expose('desiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when.',
    }),
    pushed: t.field({
      type: LayoutRevisionType,
      nullable: true,
      description: 'What it shows whenever no schedule and no takeover goes before it.',
      resolve: ({ pushed }) => keyOf(pushed),
    }),
    applied: t.field({
      type: LayoutRevisionType,
      nullable: true,
      description: 'What it last said it shows; null: nothing, or it never said.',
      resolve: ({ applied }) => keyOf(applied?.layout ?? null),
    }),
    appliedVersion: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The `displayVersion` it last said it shows; null: it never said.',
      resolve: ({ applied }) => applied?.version,
    }),
    appliedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it said so.',
      resolve: ({ applied }) => applied?.at,
    }),
    failure: t.expose('failed', {
      type: DisplayFailureType,
      nullable: true,
      description: 'What it last said it cannot show, until it shows something again.',
    }),
    current: t.boolean({
      description: 'Whether it says that it shows what it shall show.',
      resolve: isCurrent,
    }),
  }),
});

async function loadDisplays(deviceIds: readonly string[], context: Context): Promise<Display[]> {
  const venueId = venueIdOf(context);
  const found = await findDisplays(context.db, venueId, deviceIds);
  const byId = new Map(found.map((display) => [display.deviceId, display]));
  return deviceIds.map((id) => byId.get(id) ?? blankDisplay(id, venueId));
}

builder.objectField(DeviceType, 'display', (t) =>
  t.field({
    type: DeviceDisplayType,
    nullable: true,
    description:
      'What it shall show, and what it says of that. Null to who is not signed in, as in the answer to `authenticateDevice`.',
    resolve: ({ id }, _args, { rights }) => ('venueId' in rights ? id : null),
  }),
);

builder.objectField(DeviceType, 'currentLayout', (t) =>
  t.field({
    type: LayoutRevisionType,
    nullable: true,
    description:
      'What it last said it shows: `display.applied`. Null: nothing, or it never said; and to who is not signed in.',
    resolve: async ({ id }, _args, context) => {
      if (!('venueId' in context.rights)) return null;
      const { applied } = await DeviceDisplayType.getDataloader(context).load(id);
      return keyOf(applied?.layout ?? null);
    },
  }),
);

const DeviceDisplayConnection = builder.connectionObject(
  {
    type: DeviceDisplayType,
    name: 'DeviceDisplayConnection',
    description: 'One page of what devices shall show, the device that was registered first first.',
  },
  { name: 'DeviceDisplayEdge' },
);

builder.objectField(LayoutType, 'displays', (t) =>
  t.connection(
    {
      type: DeviceDisplayType,
      description:
        'The devices that shall show it now, or were pushed it and show something else for a while. None to a device, which has its own as `Device.display`.',
      resolve: ({ id: layoutId, venueId }, args, context) => {
        const { db } = context;
        const isSeen = seesWork(context);
        return resolvePageBy<Display, string>(ID_KEYS, args, {
          keyOf: ({ deviceId }) => deviceId,
          load: async (range) => (isSeen ? await listDisplaysOf(db, { venueId, layoutId }, range) : []),
          count: async () => (isSeen ? await countDisplaysOf(db, { venueId, layoutId }) : 0),
        });
      },
    },
    DeviceDisplayConnection,
  ),
);
