import type { Work } from '../work.ts';
import { PortStillHeldError } from './errors.ts';
import type { Driver, LineLease } from './line-lease.ts';
import { endLease, giveLease, lockLease, notePort } from './line-lease-store.ts';
import { findLine, saveLineState } from './line-store.ts';
import type { SasLine } from './machine.ts';
import { recordConnection } from './service.ts';
import { listMachinesOfLine } from './store.ts';

/**
 * Takes a line that nobody drives: its lease was given back, was never taken, or has expired.
 * Waits for what its last driver is still writing. Null while another drives it.
 */
export async function takeLine(
  work: Work,
  lineId: string,
  by: { readonly driver: Pick<Driver, 'processId' | 'name'>; readonly leaseMs: number },
): Promise<LineLease | null> {
  const before = await lockLease(work.tx, { lineId });
  if (!before || before.leftMs > 0) return null;
  const lease = await giveLease(work.tx, lineId, by);
  if (before.isHeld) announceLoss(work, { ...lease, epoch: before.epoch }, before.driver);
  announce(work, 'machine.line-taken', lease, by.driver.name);
  return lease;
}

/**
 * A line as the holder of its lease is to drive it from now on, its port included. Null when it was removed.
 *
 * @throws PortStillHeldError when whoever drove another line may still speak on that port
 */
export async function beginLine({ tx }: Work, lineId: string): Promise<SasLine | null> {
  const heldMs = await notePort(tx, lineId);
  if (heldMs === null) return null;
  if (heldMs > 0) throw new PortStillHeldError();
  return await findLine(tx, lineId);
}

/** Gives a line back, to be taken after `quietMs`; nothing happens when it was lost meanwhile. */
export async function releaseLine(
  work: Work,
  lease: LineLease,
  { driver, quietMs }: { readonly driver: Pick<Driver, 'name'>; readonly quietMs: number },
): Promise<void> {
  if (await endLease(work.tx, lease, { end: 'RELEASED', quietMs }))
    announce(work, 'machine.line-released', lease, driver.name);
}

/**
 * Puts on record that nobody drives a line: it is down, and so is each of its machines. Whoever held its
 * lease may write nothing more about it. Null when that is known, somebody drives it by now, or it was removed.
 */
export async function recordUndriven(work: Work, lineId: string): Promise<SasLine | null> {
  const standing = await lockLease(work.tx, { lineId });
  const line = await findLine(work.tx, lineId);
  if (!line || !standing || standing.leftMs > 0) return null;
  const { driver, epoch, isHeld } = standing;
  if (!isHeld && line.state !== 'UP') return null;
  if (isHeld) {
    await endLease(work.tx, { lineId, epoch }, { end: 'LOST' });
    if (line.removedAt) return null;
    announceLoss(work, { lineId, venueId: line.venueId, epoch }, driver);
  }
  const cause = isHeld ? `Its driver ${driver} does not answer.` : 'No driver drives it.';
  await saveLineState(work.tx, line, { state: 'DOWN', cause, at: work.now });
  for (const machine of await listMachinesOfLine(work.tx, line.venueId, lineId))
    if (machine.connection === 'ONLINE') await recordConnection(work, offline(machine, work.now));
  return line;
}

const offline = ({ id, venueId }: { readonly id: string; readonly venueId: string }, at: Date) =>
  ({ machineId: id, venueId, state: 'OFFLINE', at }) as const;

function announceLoss(work: Work, lease: LineLease, driver: string | null): void {
  announce(work, 'machine.driver-lost', lease, driver ?? '');
}

function announce(
  work: Work,
  type: 'machine.line-taken' | 'machine.line-released' | 'machine.driver-lost',
  { lineId, venueId, epoch }: LineLease,
  driver: string,
): void {
  work.emit({ type, venueId, lineId, driver, epoch: epoch.toString() });
}
