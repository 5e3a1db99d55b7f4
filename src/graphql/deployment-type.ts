import { NotFoundError } from '../lib/errors.ts';
import type {
  Deployment,
  DeploymentState,
  FirmwareUpdate,
  UpdateFailure,
  UpdateState,
} from '../signage/deployment.ts';
import { findVisibleDeployments } from '../signage/deployment-sight.ts';
import { canSeeAllFirmware } from '../signage/firmware-service.ts';
import { countUpdates, listUpdates } from '../signage/firmware-update-store.ts';
import { findOwnDevices } from '../signage/possession.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import { FirmwareType } from './firmware-type.ts';
import { EventActorType } from './log-event.ts';
import { resolvePage } from './page.ts';

export const DeploymentStateEnum = builder.enumType('DeploymentState', {
  description: 'How a deployment stands. Clients must survive values they do not know.',
  values: {
    RUNNING: { description: 'It is offered batch by batch.' },
    STOPPED: { description: 'Too many devices failed: nothing more is offered.' },
    FINISHED: { description: 'Each device is through.' },
  } satisfies Record<DeploymentState, { description: string }>,
});

export const FirmwareUpdateStateEnum = builder.enumType('FirmwareUpdateState', {
  description:
    'How far a device is with a firmware: it goes on, never back. Clients must survive values they do not know.',
  values: {
    PENDING: { description: 'Its batch has yet to come.' },
    OFFERED: { description: 'It may have it now.' },
    DOWNLOADING: { description: 'It fetches the file.' },
    VERIFYING: { description: 'It compares the checksum.' },
    INSTALLING: { description: 'It puts it in place.' },
    UP_TO_DATE: { description: 'It runs it.' },
    FAILED: { description: 'It does not; `failure` says why.' },
    CANCELLED: { description: 'The deployment stopped before, or the device was taken out of use.' },
  } satisfies Record<UpdateState, { description: string }>,
});

export const FirmwareFailureEnum = builder.enumType('FirmwareFailure', {
  description: 'Why a device does not run a firmware. Clients must survive values they do not know.',
  values: {
    CHECKSUM_MISMATCH: { description: 'What it downloaded is not the file.' },
    DOWNLOAD_FAILED: { description: 'It could not fetch the file.' },
    INCOMPATIBLE: { description: 'It takes no such firmware.' },
    INSTALL_FAILED: { description: 'It could not put it in place.' },
    TIMED_OUT: { description: 'It was silent for too long. Only the server says so.' },
    OTHER: { description: 'Something else; `message` may say what.' },
  } satisfies Record<UpdateFailure, { description: string }>,
});

export const DeploymentType = builder.loadableNodeRef<Deployment, never, string, string>('Deployment', {
  id: { resolve: ({ id }: Deployment) => id },
  load: loadDeployments,
});

DeploymentType.implement({
  description:
    'A firmware on its way to devices, batch by batch. Seen by who has DEVICES_READ or FIRMWARE_WRITE, who began it, and with a device that it goes to.',
  fields: (t) => ({
    firmware: t.field({
      type: FirmwareType,
      nullable: true,
      description: 'What they are given.',
      resolve: ({ firmwareId }) => firmwareId,
    }),
    state: t.expose('state', { type: DeploymentStateEnum, description: 'How it stands.' }),
    batchSize: t.exposeInt('batchSize', { description: 'How many devices are offered it at a time.' }),
    maxFailures: t.exposeInt('maxFailures', { description: 'With more of them nothing more is offered.' }),
    timeout: t.field({
      type: 'Duration',
      description: 'For so long a device may be silent before it counts as failed.',
      resolve: ({ timeoutSeconds }) => timeoutSeconds,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    createdBy: t.expose('createdBy', { type: EventActorType, description: 'Who began it.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last device was through; null: some are not.',
    }),
  }),
});

export const FirmwareUpdateType = builder.objectRef<FirmwareUpdate>('FirmwareUpdate').implement({
  description: 'What a deployment is to one of its devices.',
  fields: (t) => ({
    deployment: t.field({
      type: DeploymentType,
      nullable: true,
      description: 'Which deployment.',
      resolve: ({ deploymentId }) => deploymentId,
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'Which device.',
      resolve: ({ deviceId }) => deviceId,
    }),
    batch: t.exposeInt('batch', { description: 'The number of its batch, from 0 on.' }),
    state: t.expose('state', { type: FirmwareUpdateStateEnum, description: 'How far it is.' }),
    percent: t.exposeInt('percent', {
      nullable: true,
      description: 'How much of that is done, 0 to 100; null: it does not say.',
    }),
    failure: t.expose('failure', {
      type: FirmwareFailureEnum,
      nullable: true,
      description: 'Why it has failed; null: it has not.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What the device says of it, for a person.',
    }),
    offeredAt: t.expose('offeredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its batch came; null: it has not.',
    }),
    progressedAt: t.expose('progressedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last said something new of it.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was through; null: it is not.',
    }),
  }),
});

const FirmwareUpdateConnection = builder.connectionObject(
  {
    type: FirmwareUpdateType,
    name: 'FirmwareUpdateConnection',
    description: 'One page of updates, the newest first.',
  },
  { name: 'FirmwareUpdateEdge' },
);

builder.objectField(DeploymentType, 'updates', (t) =>
  t.connection(
    {
      type: FirmwareUpdateType,
      description: 'Its devices, and how far each is; to who does not see all, those that are his.',
      resolve: async ({ id: deploymentId, venueId }, args, { db, viewer, now }) => {
        const deviceIds = canSeeAllFirmware(viewer, venueId)
          ? null
          : await findOwnDevices(db, viewer, { venueId, now });
        const of = { deploymentId, deviceIds };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: FirmwareUpdate) => ({ at: createdAt, id }),
          load: (range) => listUpdates(db, venueId, { of, range }),
          count: () => countUpdates(db, venueId, of),
        });
      },
    },
    FirmwareUpdateConnection,
  ),
);

builder.objectField(DeviceType, 'firmwareUpdates', (t) =>
  t.connection(
    {
      type: FirmwareUpdateType,
      description: 'What firmware it was given, the newest first.',
      resolve: ({ id: deviceId, venueId }, args, { db }) =>
        resolvePage(args, {
          keyOf: ({ createdAt, id }: FirmwareUpdate) => ({ at: createdAt, id }),
          load: (range) => listUpdates(db, venueId, { of: { deviceId }, range }),
          count: () => countUpdates(db, venueId, { deviceId }),
        }),
    },
    FirmwareUpdateConnection,
  ),
);

async function loadDeployments(
  ids: readonly string[],
  context: Context,
): Promise<(Deployment | NotFoundError)[]> {
  const found = await findVisibleDeployments(context, venueIdOf(context), ids);
  const byId = new Map(found.map((deployment) => [deployment.id, deployment]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('deployment'));
}
