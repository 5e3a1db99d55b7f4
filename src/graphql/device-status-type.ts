import type {
  DeviceHealth,
  DeviceStanding,
  DeviceStatus,
  DeviceStatusChange,
} from '../signage/device-status.ts';
import { countStatusChanges, listStatusChanges } from '../signage/device-status-change-store.ts';
import { findStandings } from '../signage/device-status-store.ts';
import { builder } from './builder.ts';
import { perDevice } from './device-loader.ts';
import { DeviceType } from './device-type.ts';
import { resolvePage } from './page.ts';

export const DeviceStatusEnum = builder.enumType('DeviceStatus', {
  description:
    'Whether a device is there, as the server judges it by its reports. Clients must survive values they do not know.',
  values: {
    ONLINE: { description: 'It reports.' },
    STALE: { description: 'One report of it is missed: none came for one and a half intervals.' },
    OFFLINE: {
      description: 'Two are missed: none came for two and a half intervals; or it has never reported.',
    },
  } satisfies Record<DeviceStatus, { description: string }>,
});

const DeviceHealthType = builder.objectRef<DeviceHealth>('DeviceHealth').implement({
  description: 'What a device said of itself in its last report; null for what it does not say.',
  fields: (t) => ({
    uptime: t.field({
      type: 'Duration',
      nullable: true,
      description: 'For how long it had been running then.',
      resolve: ({ uptimeSeconds }) => uptimeSeconds,
    }),
    freeBytes: t.expose('freeBytes', {
      type: 'BigInt',
      nullable: true,
      description: 'What was free of its storage, in bytes.',
    }),
    temperatureCelsius: t.exposeFloat('temperatureCelsius', {
      nullable: true,
      description: 'How warm it was, in degrees Celsius.',
    }),
    softwareVersion: t.exposeString('softwareVersion', {
      nullable: true,
      description: 'Of the program that reports.',
    }),
    firmwareVersion: t.exposeString('firmwareVersion', {
      nullable: true,
      description: 'Of what it runs on.',
    }),
    message: t.exposeString('message', { nullable: true, description: 'What else it says, for a person.' }),
  }),
});

const DeviceStatusChangeType = builder.objectRef<DeviceStatusChange>('DeviceStatusChange').implement({
  description: 'A change of the status of a device.',
  fields: (t) => ({
    status: t.expose('status', { type: DeviceStatusEnum, description: 'What it was from then on.' }),
    previousStatus: t.expose('previousStatus', {
      type: DeviceStatusEnum,
      description: 'What it was before.',
    }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When.' }),
    lastSeenAt: t.expose('seenAt', { type: 'DateTime', description: 'When it had last reported.' }),
  }),
});

/** How each device is that is in use. */
export const standingOf = perDevice<DeviceStanding>(async ({ db }, venueId, deviceIds) => {
  const found = await findStandings(db, venueId, { deviceIds });
  return new Map(found.map((standing) => [standing.deviceId, standing]));
});

builder.objectFields(DeviceType, (t) => ({
  status: t.field({
    type: DeviceStatusEnum,
    description: 'Whether it is there. One that was removed is OFFLINE.',
    resolve: async (device, _args, context) => (await standingOf(context, device))?.status ?? 'OFFLINE',
  }),
  statusSince: t.field({
    type: 'DateTime',
    description:
      'Since when it is like this: of one that never reported since it is registered, of one that was removed since then.',
    resolve: async (device, _args, context) =>
      (await standingOf(context, device))?.since ?? device.removedAt ?? device.createdAt,
  }),
  lastSeenAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When it last reported; null: it never did, or was removed.',
    resolve: async (device, _args, context) => (await standingOf(context, device))?.seenAt,
  }),
  health: t.field({
    type: DeviceHealthType,
    nullable: true,
    description: 'What it said then; null: nothing yet.',
    resolve: async (device, _args, context) => (await standingOf(context, device))?.health,
  }),
  statusHistory: t.connection(
    {
      type: DeviceStatusChangeType,
      description: 'How its status changed, the newest first. Kept for DEVICE_HISTORY_RETENTION.',
      resolve: ({ id, venueId }, args, { db }) =>
        resolvePage(args, {
          keyOf: (change: DeviceStatusChange) => ({ at: change.changedAt, id: change.id }),
          load: (range) => listStatusChanges(db, venueId, { deviceId: id, range }),
          count: () => countStatusChanges(db, venueId, id),
        }),
    },
    { name: 'DeviceStatusChangeConnection', description: 'One page of changes, the newest first.' },
    { name: 'DeviceStatusChangeEdge' },
  ),
}));
