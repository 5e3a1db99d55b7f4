import { type DeviceActor, system } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Author, Work } from '../work.ts';
import {
  type DeviceHealth,
  type DeviceStatusChange,
  dueAt,
  parseHealth,
  statusAfter,
} from './device-status.ts';
import { insertChanges } from './device-status-change-store.ts';
import { keepHeartbeat, lockSilent, lockStanding, saveStatuses } from './device-status-store.ts';

/** How often devices report. */
export interface Heartbeat {
  readonly heartbeatMs: number;
}

/**
 * Takes what a device says of itself: it is ONLINE. As long as it is, nothing but its row is written.
 *
 * @throws NotFoundError for one that was removed, ValidationError
 */
export async function reportStatus(
  work: Work,
  { deviceId, venueId }: Pick<DeviceActor, 'deviceId' | 'venueId'>,
  { health, heartbeatMs }: Heartbeat & { readonly health: DeviceHealth },
): Promise<void> {
  const { tx, now } = work;
  const said = { deviceId, health: parseHealth(health), now, dueAt: dueAt('ONLINE', now, heartbeatMs) };
  if (await keepHeartbeat(tx, said)) return;
  const before = await lockStanding(tx, venueId, { deviceId, now });
  if (!before) throw new NotFoundError('device');
  // Another report of it may have been faster.
  const { status: previousStatus } = before;
  await changeStatuses(work, [
    { venueId, deviceId, previousStatus, status: 'ONLINE', dueAt: said.dueAt, seenAt: now },
  ]);
  await keepHeartbeat(tx, said);
}

/** Judges devices by their silence. Gives how many were looked at. */
export async function judgeSilent(
  work: Work,
  { limit, heartbeatMs }: Heartbeat & { readonly limit: number },
): Promise<number> {
  const silent = await lockSilent(work.tx, { now: work.now, limit });
  await changeStatuses(
    work,
    silent.map((device) => {
      const status = statusAfter(work.now.getTime() - device.seenAt.getTime(), heartbeatMs);
      return {
        ...device,
        previousStatus: device.status,
        status,
        dueAt: dueAt(status, device.seenAt, heartbeatMs),
      };
    }),
  );
  return silent.length;
}

/** Of a device that reports no more. */
export async function endStatus(
  work: Work,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
): Promise<void> {
  const before = await lockStanding(work.tx, venueId, { deviceId, now: work.now });
  if (!before?.seenAt || before.status === 'OFFLINE') return;
  const { seenAt, status: previousStatus } = before;
  await changeStatuses(work, [{ venueId, deviceId, previousStatus, status: 'OFFLINE', dueAt: null, seenAt }]);
}

interface Judged
  extends Pick<DeviceStatusChange, 'venueId' | 'deviceId' | 'previousStatus' | 'status' | 'seenAt'> {
  readonly dueAt: Date | null;
}

/** It is the server that judges, whoever reports. */
const JUDGE: Author = { actor: system('device-status'), origin: null };

async function changeStatuses(work: Work, judged: readonly Judged[]): Promise<void> {
  const { tx, now } = work;
  const versions = await saveStatuses(
    tx,
    judged.map((each) => ({ ...each, since: now })),
  );
  const changes = judged
    .filter(({ status, previousStatus }) => status !== previousStatus)
    .map(({ dueAt: _due, ...change }) => ({ ...change, id: newId(), changedAt: now }));
  await insertChanges(tx, changes);
  for (const { venueId, deviceId, status, previousStatus, changedAt, seenAt } of changes)
    work.emit(
      {
        type: 'signage.device-status-changed',
        venueId,
        deviceId,
        status,
        previousStatus,
        changedAt: changedAt.toISOString(),
        lastSeenAt: seenAt.toISOString(),
        statusVersion: String(versions.get(deviceId)),
      },
      JUDGE,
    );
}
