import { readWithCursor } from '../events/cursor.ts';
import type { LoggedEvent } from '../events/events.ts';
import { hasPassed } from '../events/passed.ts';
import { NOT_ITERABLE, type StateFrame, type StateItem, type StateSource } from '../events/source.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { DeviceStatus } from '../signage/device-status.ts';
import { STATUS_EVENTS } from '../signage/device-status-events.ts';
import { findStandings } from '../signage/device-status-store.ts';
import { canSeeDevices } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceStatusEnum } from './device-status-type.ts';
import { DeviceType } from './device-type.ts';
import { decodeIdOf } from './ids.ts';
import { AFTER } from './machine-event.ts';

/** How a device is, with where that lies in the log. */
interface ShownStatus {
  readonly deviceId: string;
  readonly status: DeviceStatus;
  readonly previousStatus: DeviceStatus | null;
  readonly lastSeenAt: Date | null;
  readonly changedAt: Date;
  readonly version: bigint;
  readonly cursor: string | null;
}

const DeviceStatusUpdatedType = builder
  .objectRef<ShownStatus & { readonly skipped: number }>('DeviceStatusUpdated')
  .implement({
    description: 'Whether a device is there.',
    fields: (t) => ({
      cursor: t.expose('cursor', {
        type: 'Cursor',
        nullable: true,
        description:
          'Go on behind it with `after`. Of devices that are shown as they stand, null but for the last: before that one has not seen them all.',
      }),
      deviceId: t.globalID({
        description: 'Which device.',
        resolve: ({ deviceId }) => ({ type: 'Device', id: deviceId }),
      }),
      device: t.field({
        type: DeviceType,
        nullable: true,
        description: 'The device itself, read when the frame is made: it may be newer than the frame.',
        resolve: ({ deviceId }) => deviceId,
      }),
      status: t.expose('status', { type: DeviceStatusEnum, description: 'What it is.' }),
      previousStatus: t.expose('previousStatus', {
        type: DeviceStatusEnum,
        nullable: true,
        description: 'What it was before the change; null where it is shown as it stands.',
      }),
      lastSeenAt: t.expose('lastSeenAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it had last reported; null: it never did.',
      }),
      timestamp: t.expose('changedAt', { type: 'DateTime', description: 'Since when it is like this.' }),
      version: t.expose('version', {
        type: 'BigInt',
        description: 'Grows with every change: of two the one with the greater is the newer.',
      }),
      skipped: t.exposeInt('skipped', {
        description: 'How many changes of this device were left out since its frame before.',
      }),
    }),
  });

const deviceIdsDescription =
  'Only these devices, 1 to 100 (API_001); all of the venue without it. One that does not exist or was removed gives API_002.';

builder.queryField('deviceStatus', (t) =>
  t.field({
    type: [DeviceStatusUpdatedType],
    nullable: true,
    authScopes: { scope: 'DEVICES_READ' },
    description:
      'Whether the devices of the venue are there, all at one instant, the oldest first. The subscription of the same name keeps it current, behind the `cursor` of the last. Needs DEVICES_READ (AUTH_004).',
    complexity: { field: 10, multiplier: 10 },
    args: { deviceIds: t.arg.idList({ description: deviceIdsDescription }) },
    resolve: async (_root, { deviceIds }, context) => {
      const venueId = venueIdOf(context);
      const ids = deviceIds ? await parseDeviceIds(deviceIds, context) : null;
      const shown = await readStatuses(context, { venueId, deviceIds: ids });
      return shown.map((status) => ({ ...status, skipped: 0 }));
    },
  }),
);

builder.subscriptionField('deviceStatus', (t) =>
  t.field({
    type: DeviceStatusUpdatedType,
    authScopes: { scope: 'DEVICES_READ' },
    description:
      'First one frame for each device as it stands, then one at every change: never one for a report that changes nothing. From `after`, all of them again only when any is another than it was there. A new device is shown from its first report on, one that is removed as OFFLINE. A reader that is too slow gets the newest of each device; `skipped` tells. Needs DEVICES_READ (AUTH_004).',
    args: {
      deviceIds: t.arg.idList({ description: deviceIdsDescription }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: async (_root, { deviceIds, after }, context) =>
      statusSource(context, {
        venueId: venueIdOf(context),
        deviceIds: deviceIds ? await parseDeviceIds(deviceIds, context) : null,
        after: after ?? null,
      }),
    resolve: ({ value, skipped }: StateFrame<ShownStatus>) => ({ skipped, ...value }),
  }),
);

const MAX_DEVICES = 100;

/** @throws ValidationError; NotFoundError when one is not there */
async function parseDeviceIds(ids: readonly string[], context: Context): Promise<readonly string[]> {
  if (ids.length > MAX_DEVICES)
    throw new ValidationError(`deviceIds takes at most ${MAX_DEVICES} entries.`, { field: 'deviceIds' });
  const decoded = [...new Set(ids.map((id) => decodeIdOf('Device', id)))].sort();
  const found = await findStandings(context.db, venueIdOf(context), { deviceIds: decoded });
  if (found.length < decoded.length) throw new NotFoundError('device');
  return decoded;
}

interface Followed {
  readonly venueId: string;
  /** Null: all. */
  readonly deviceIds: readonly string[] | null;
  readonly after: string | null;
}

/** What an event says of a device is all that a frame shows: nobody reads anything for it. */
function statusSource(
  { streams }: Pick<Context, 'streams'>,
  { venueId, deviceIds, after }: Followed,
): StateSource<Context> {
  const changes = streams.events<(typeof STATUS_EVENTS)[number]>({
    types: STATUS_EVENTS,
    venueId,
    ...(deviceIds && { subjects: { of: ({ payload }) => payload.deviceId, among: deviceIds } }),
    sightOf: () => 'SHARED',
  });
  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: `${venueId} ${deviceIds?.join() ?? ''}`,
    minIntervalMs: 0,
    resumption: { after, hasChangedSince: (cursor) => hasPassed(changes, cursor) },
    sightOf: (actor) => (canSeeDevices(actor, venueId) ? 'SHARED' : null),
    read: async (context) => (await readStatuses(context, { venueId, deviceIds })).map(itemOf),
    listen: (hear) =>
      changes.listen((event) => {
        if (isOfDevice(event)) hear(itemOf({ ...shownOf(event), cursor: event.cursor }));
      }),
  };
}

type StatusEvent = LoggedEvent<(typeof STATUS_EVENTS)[number]>;

const isOfDevice = <E extends LoggedEvent>(event: E): event is E & StatusEvent =>
  event.type === 'signage.device-status-changed';

const shownOf = ({ payload }: StatusEvent): Omit<ShownStatus, 'cursor'> => ({
  deviceId: payload.deviceId,
  status: payload.status,
  previousStatus: payload.previousStatus,
  lastSeenAt: new Date(payload.lastSeenAt),
  changedAt: new Date(payload.changedAt),
  version: BigInt(payload.statusVersion),
});

const itemOf = (shown: ShownStatus): StateItem => ({
  subject: shown.deviceId,
  version: shown.version,
  value: shown,
  cursor: shown.cursor,
});

/** How devices are, all at one instant. Only behind the last of them one has seen them all. */
async function readStatuses(
  { db }: Pick<Context, 'db'>,
  { venueId, deviceIds }: Pick<Followed, 'venueId' | 'deviceIds'>,
): Promise<readonly ShownStatus[]> {
  const { state, cursor } = await readWithCursor(db, (tx) => findStandings(tx, venueId, { deviceIds }));
  return state.map(({ deviceId, status, since, seenAt, version }, at) => ({
    deviceId,
    status,
    previousStatus: null,
    lastSeenAt: seenAt,
    changedAt: since,
    version,
    cursor: at === state.length - 1 ? cursor : null,
  }));
}
