import { type DeviceActor, system } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Author, Work } from '../work.ts';
import { type DeviceHealth, type DeviceStatusChange, dueAt, statusAfter } from './device-status.ts';
import { insertChanges } from './device-status-change-store.ts';
import { keepHeartbeats, lockSilent, lockStandings, saveStatuses } from './device-status-store.ts';

/** How often devices report. */
export interface Heartbeat {
  readonly heartbeatMs: number;
}

/** What a device says of itself. */
export interface StatusReport extends Pick<DeviceActor, 'deviceId' | 'venueId'> {
  readonly health: DeviceHealth;
}

/**
 * Takes what devices say of themselves: they are ONLINE. As long as they are, nothing but their rows is written. Of a
 * device that says several things the last counts. Gives what is refused: a device that was removed, or of another
 * venue.
 */
export async function reportStatuses(
  work: Work,
  reports: readonly StatusReport[],
  { heartbeatMs }: Heartbeat,
): Promise<ReadonlyMap<string, NotFoundError>> {
  const { tx, now } = work;
  const said = [...new Map(reports.map((report) => [report.deviceId, report])).values()];
  const heard = { now, dueAt: dueAt('ONLINE', now, heartbeatMs) };
  const online = await keepHeartbeats(tx, said, heard);
  const others = said.filter(({ deviceId }) => !online.has(deviceId));
  if (others.length === 0) return new Map();
  const standings = await lockStandings(tx, others, { now });
  const back = others.filter(({ deviceId, venueId }) => standings.get(deviceId)?.venueId === venueId);
  await changeStatuses(
    work,
    back.map(({ deviceId, venueId }) => ({
      venueId,
      deviceId,
      // Another report of it may have been faster.
      previousStatus: standings.get(deviceId)?.status ?? 'OFFLINE',
      status: 'ONLINE',
      dueAt: heard.dueAt,
      seenAt: now,
    })),
  );
  await keepHeartbeats(tx, back, heard);
  const refused = others.filter((report) => !back.includes(report));
  return new Map(refused.map(({ deviceId }) => [deviceId, new NotFoundError('device')]));
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
  const standings = await lockStandings(work.tx, [{ venueId, deviceId }], { now: work.now });
  const before = standings.get(deviceId);
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
