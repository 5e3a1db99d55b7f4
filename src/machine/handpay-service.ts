import type { Work } from '../work.ts';
import type { MachineCommand } from './command.ts';
import { type HandpayMethod, isSameHandpay, type ToldHandpay } from './handpay.ts';
import {
  disownReset,
  findResetUnderWay,
  type HandpaysOf,
  isResetBy,
  lockOpenHandpay,
  markReset,
  markResetHeard,
} from './handpay-reset-store.ts';
import { handpaySnapshot } from './handpay-snapshot.ts';
import { findHandpaysByIds, insertHandpay, releaseOthers } from './handpay-store.ts';

/** How soon after a command has reset a handpay its machine says so, even when it is offline for a moment. */
const HEARD_WITHIN_MS = 60_000;

/**
 * Puts on record what a machine told of a handpay, once for each id, and answers the id it is on record by.
 *
 * `heldId` is the one that an earlier driver had put on record and did not know whether the machine was told so:
 * a machine that tells the same first means that one.
 */
export async function recordHandpay(work: Work, told: ToldHandpay, heldId: string | null): Promise<string> {
  const [held] = heldId === null ? [] : await findHandpaysByIds(work.tx, told.venueId, [heldId]);
  if (held && isSameHandpay(held, told)) return held.id;
  await releaseOthers(work.tx, told);
  if (!(await insertHandpay(work.tx, told))) return told.id;
  work.emit({ type: 'machine.handpay-recorded', venueId: told.venueId, ...handpaySnapshot(told) });
  return told.id;
}

/**
 * Records that a machine said that its handpay was reset (exception 52): by the command that did so a moment ago or
 * is about to hear of it, or else by an attendant. It says nothing of which, so the oldest open one counts.
 */
export async function recordHandpayReset(work: Work, of: HandpaysOf, at: Date): Promise<void> {
  const since = new Date(at.getTime() - HEARD_WITHIN_MS);
  if (await markResetHeard(work.tx, of, { at, since })) return;
  const underWay = await findResetUnderWay(work.tx, of);
  await resetOldest(work, of, { at, heardAt: at, command: underWay });
}

/** What came of telling a machine to reset its handpay. */
export async function applyHandpayReset(
  work: Work,
  command: MachineCommand,
  failure: MachineCommand['outcome'],
): Promise<void> {
  const of = { venueId: command.venueId, machineId: command.machineId };
  if (failure === null) {
    if (await isResetBy(work.tx, of, command.id)) return;
    const by = { id: command.id, method: command.handpayMethod ?? 'STANDARD' };
    await resetOldest(work, of, { at: work.now, heardAt: null, command: by });
    return;
  }
  await disownReset(work.tx, of, command.id);
  // It waits with none, so of those on record it was not heard that they were reset.
  if (failure === 'NO_HANDPAY')
    while (await resetOldest(work, of, { at: work.now, heardAt: null, command: null }));
}

/** False when none is open. */
async function resetOldest(
  work: Work,
  of: HandpaysOf,
  {
    at,
    heardAt,
    command,
  }: {
    readonly at: Date;
    readonly heardAt: Date | null;
    readonly command: { readonly id: string; readonly method: HandpayMethod } | null;
  },
): Promise<boolean> {
  const id = await lockOpenHandpay(work.tx, of);
  if (id === null) return false;
  await markReset(work.tx, id, { at, heardAt, commandId: command?.id ?? null });
  work.emit({
    type: 'machine.handpay-reset',
    venueId: of.venueId,
    handpayId: id,
    machineId: of.machineId,
    resetAt: at.toISOString(),
    method: command?.method ?? null,
    commandId: command?.id ?? null,
  });
  return true;
}
