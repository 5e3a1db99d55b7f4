import type { Device } from '../auth/device.ts';
import { actorReference, type DeviceActor } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { parseWords } from './command.ts';
import {
  type Deployment,
  type FirmwareUpdate,
  hasEnded,
  isRepeated,
  MAX_DEVICES,
  MAX_GROUP_DEVICES,
  parsePace,
  type UpdateFailure,
  type UpdateReport,
} from './deployment.ts';
import {
  findDeploymentUnderWay,
  findOverdue,
  insertDeployment,
  lockDeployment,
  saveDeployment,
} from './deployment-store.ts';
import { listGroupDevices } from './device-group-store.ts';
import { holdDevices } from './device-store.ts';
import { UpdateEndedError } from './errors.ts';
import type { Firmware } from './firmware.ts';
import { offerOf } from './firmware-events.ts';
import { findVisibleFirmware, refuseUnlessHis } from './firmware-service.ts';
import { findFirmwareByIds } from './firmware-store.ts';
import {
  cancelUnbegun,
  countStates,
  failOverdue,
  findUpdate,
  offerNextBatch,
  saveUpdate,
} from './firmware-update-store.ts';

export interface DeployFirmware {
  readonly venueId: string;
  readonly firmwareId: string;
  readonly to: { readonly deviceIds: readonly string[] } | { readonly groupId: string };
  readonly batchSize: number;
  readonly maxFailures: number;
  readonly timeoutSeconds: number;
}

/**
 * Gives devices another firmware: it is offered to the first batch at once, and to each other when the one before is
 * through. Whoever has booked a device for this very moment may for that one.
 *
 * @throws ValidationError, NotFoundError of the firmware, the group or a device, NotOwnerError, DeviceUpdatingError
 */
export async function deployFirmware(work: Work, input: DeployFirmware): Promise<Deployment> {
  const { tx, actor, now } = work;
  const { venueId, firmwareId } = input;
  const pace = parsePace(input);
  const [firmware] = await findVisibleFirmware({ db: tx, viewer: actor, now }, venueId, [firmwareId]);
  if (!firmware) throw new NotFoundError('firmware');
  const devices = await targetsOf(work, input);
  await refuseUnlessHis(work, venueId, devices);
  refuseUnlessFor(firmware, { to: input.to, devices });
  const deployment: Deployment = {
    ...pace,
    id: newId(),
    venueId,
    firmwareId,
    state: 'RUNNING',
    createdAt: now,
    createdBy: actorReference(actor),
    finishedAt: null,
  };
  const updates = devices.map(({ id: deviceId }, at) => ({
    id: newId(),
    deviceId,
    batch: Math.floor(at / pace.batchSize),
  }));
  await insertDeployment(tx, deployment, updates);
  const deviceIds = devices.map(({ id }) => id);
  work.emit({
    type: 'signage.deployment-started',
    venueId,
    deploymentId: deployment.id,
    firmwareId,
    deviceIds,
  });
  return await settle(work, deployment);
}

/** The devices it is for, each once; in the order given. Of a group whoever is removed meanwhile is left out. */
async function targetsOf({ tx }: Work, { venueId, to }: DeployFirmware): Promise<readonly Device[]> {
  const wanted = 'groupId' in to ? await listGroupDevices(tx, venueId, to.groupId) : to.deviceIds;
  if (wanted === null) throw new NotFoundError('group of devices');
  const limit = 'groupId' in to ? MAX_GROUP_DEVICES : MAX_DEVICES;
  const ids = [...new Set(wanted)];
  const held = ids.length > limit ? null : await holdDevices(tx, venueId, ids);
  if (held && 'deviceIds' in to && held.size < ids.length) throw new NotFoundError('device');
  if (!held || held.size === 0)
    throw new ValidationError(`Firmware goes to 1 to ${limit} devices.`, {
      field: 'groupId' in to ? 'groupId' : 'deviceIds',
    });
  return ids.flatMap((id) => held.get(id) ?? []);
}

function refuseUnlessFor(
  { deviceKind, deviceId }: Firmware,
  { to, devices }: Pick<DeployFirmware, 'to'> & { readonly devices: readonly Device[] },
): void {
  const stranger = devices.find(
    ({ id, kind }) => kind !== deviceKind || (deviceId !== null && deviceId !== id),
  );
  if (stranger)
    throw new ValidationError(
      deviceId === null
        ? `The firmware is for devices of the kind ${deviceKind}, which ${stranger.deviceNumber} is not.`
        : `The firmware is for another device than ${stranger.deviceNumber}.`,
      { field: 'groupId' in to ? 'groupId' : 'deviceIds' },
    );
}

export interface ReportProgress {
  readonly deploymentId: string;
  readonly state: UpdateReport;
  readonly percent: number | null;
  /** Why it has failed. */
  readonly failure: UpdateFailure | null;
  readonly message: string | null;
  /** Of what the device has downloaded, 64 hexadecimal digits. */
  readonly sha256: string | null;
}

/**
 * Takes what a device says of the firmware it was offered. What it said already it may say again: it is not silent, and
 * nothing else happens. A download with another checksum has failed, whatever the device makes of it.
 *
 * @throws NotFoundError when it was offered nothing of that, UpdateEndedError, ValidationError
 */
export async function reportProgress(
  work: Work,
  { deviceId, venueId }: Pick<DeviceActor, 'deviceId' | 'venueId'>,
  given: ReportProgress,
): Promise<FirmwareUpdate> {
  const { tx, now } = work;
  const message = parseWords(given.message);
  refuseWrongReport(given);
  const deployment = await lockDeployment(tx, venueId, given.deploymentId);
  const update = deployment && (await findUpdate(tx, deployment.id, deviceId));
  if (!update || update.state === 'PENDING') throw new NotFoundError('deployment');
  const report = await judged(work, deployment, given);
  const dueAt = patienceOf(deployment, now);
  if (isRepeated(update, report)) {
    if (!hasEnded(update.state)) await saveUpdate(tx, { ...update, dueAt });
    return update;
  }
  if (hasEnded(update.state)) throw new UpdateEndedError();
  const isEnd = hasEnded(report.state);
  const isOn = report.state !== update.state;
  const gone: FirmwareUpdate = {
    ...update,
    state: report.state,
    percent: report.percent ?? (isOn ? null : update.percent),
    failure: report.failure,
    message: message ?? update.message,
    progressedAt: now,
    finishedAt: isEnd ? now : null,
    dueAt: isEnd ? null : dueAt,
  };
  await saveUpdate(tx, gone);
  announceProgress(work, deployment, [gone]);
  if (isEnd) await settle(work, deployment);
  return gone;
}

/** @throws ValidationError */
function refuseWrongReport({ state, percent, failure, sha256 }: ReportProgress): void {
  if (percent !== null && (percent < 0 || percent > 100))
    throw new ValidationError('percent takes 0 to 100.', { field: 'percent' });
  if ((state === 'FAILED') !== (failure !== null))
    throw new ValidationError('failure is given with FAILED, and with nothing else.', { field: 'failure' });
  if (failure === 'TIMED_OUT')
    throw new ValidationError('TIMED_OUT is what the server says.', { field: 'failure' });
  if (sha256 !== null && !/^[0-9a-f]{64}$/i.test(sha256))
    throw new ValidationError('sha256 takes 64 hexadecimal digits.', { field: 'sha256' });
}

/** What follows from a report. */
async function judged(
  { tx }: Work,
  { venueId, firmwareId }: Deployment,
  report: ReportProgress,
): Promise<ReportProgress> {
  if (report.sha256 === null || report.state === 'FAILED') return report;
  const [firmware] = await findFirmwareByIds(tx, venueId, [firmwareId]);
  const isWhole = firmware?.file.sha256.equals(Buffer.from(report.sha256, 'hex'));
  return isWhole ? report : { ...report, state: 'FAILED', failure: 'CHECKSUM_MISMATCH' };
}

/** A device that is out of use is given nothing more. */
export async function cancelUpdateOf(
  work: Work,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
): Promise<void> {
  const { tx, now } = work;
  const id = await findDeploymentUnderWay(tx, venueId, deviceId);
  const deployment = id && (await lockDeployment(tx, venueId, id));
  const update = deployment && (await findUpdate(tx, deployment.id, deviceId));
  if (!update || hasEnded(update.state)) return;
  const gone: FirmwareUpdate = { ...update, state: 'CANCELLED', finishedAt: now, dueAt: null };
  await saveUpdate(tx, gone);
  announceProgress(work, deployment, [gone]);
  await settle(work, deployment);
}

/** Ends what devices were silent about for too long, in so many deployments at most. Gives how many those were. */
export async function failSilent(work: Work, { limit }: { readonly limit: number }): Promise<number> {
  const { tx, now } = work;
  const overdue = await findOverdue(tx, { now, limit });
  for (const { id, venueId } of overdue) {
    const deployment = await lockDeployment(tx, venueId, id);
    if (!deployment) continue;
    const silent = await failOverdue(tx, id, now);
    // Another process was here while this one waited for the lock, or the device spoke.
    if (silent.length === 0) continue;
    announceProgress(work, deployment, silent);
    await settle(work, deployment);
  }
  return overdue.length;
}

/** Goes on with a deployment, stops it, or ends it: as its devices now stand. It is locked. */
async function settle(work: Work, deployment: Deployment): Promise<Deployment> {
  const { tx, now } = work;
  const counts = await countStates(tx, deployment.id);
  const count = (state: FirmwareUpdate['state']): number => counts.get(state) ?? 0;
  const begun = count('DOWNLOADING') + count('VERIFYING') + count('INSTALLING');
  let cancelled = count('CANCELLED');
  let state = deployment.state;
  if (state === 'RUNNING' && count('FAILED') > deployment.maxFailures) {
    state = 'STOPPED';
    const unbegun = await cancelUnbegun(tx, deployment.id, now);
    cancelled += unbegun.length;
    announceProgress(work, deployment, unbegun);
  } else if (begun + count('OFFERED') > 0) {
    return deployment;
  } else if (count('PENDING') > 0) {
    await offer(work, deployment);
    return deployment;
  }
  const isOver = begun === 0;
  const settled: Deployment = {
    ...deployment,
    state: state === 'RUNNING' ? 'FINISHED' : state,
    finishedAt: isOver ? now : null,
  };
  await saveDeployment(tx, settled);
  if (isOver)
    work.emit({
      type: 'signage.deployment-finished',
      venueId: deployment.venueId,
      deploymentId: deployment.id,
      firmwareId: deployment.firmwareId,
      state: settled.state,
      upToDate: count('UP_TO_DATE'),
      failed: count('FAILED'),
      cancelled,
    });
  return settled;
}

async function offer(work: Work, deployment: Deployment): Promise<void> {
  const { now } = work;
  const { id, venueId } = deployment;
  for (const update of await offerNextBatch(work.tx, id, { now, dueAt: patienceOf(deployment, now) }))
    work.emit({ type: 'signage.firmware-offered', venueId, ...offerOf(deployment, update) });
}

function announceProgress(work: Work, deployment: Deployment, updates: readonly FirmwareUpdate[]): void {
  for (const update of updates) {
    const { state, percent, failure } = update;
    const { venueId } = deployment;
    work.emit({
      type: 'signage.firmware-progressed',
      venueId,
      ...offerOf(deployment, update),
      state,
      percent,
      failure,
    });
  }
}

const patienceOf = ({ timeoutSeconds }: Deployment, now: Date): Date =>
  new Date(now.getTime() + timeoutSeconds * 1_000);
