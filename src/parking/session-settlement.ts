import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { ParkingEndedError } from './errors.ts';
import { canManageParking, canSeeParkingOf } from './policy.ts';
import { dueOf, type ParkingSession, type SettlementWay } from './session.ts';
import type { OfSession } from './session-ending.ts';
import { lockSession, saveSettlement } from './session-store.ts';
import { snapshotOfSettlement } from './snapshots.ts';

export interface SettleDue extends OfSession {
  readonly how: SettlementWay;
  /** In his words who does it; WAIVED needs some. */
  readonly note: string | null;
  readonly expectedVersion: number;
}

/**
 * Settles all that is due of a stay without a wallet: it was taken in cash or by card, or the venue does without. Who
 * took it counted on what he was shown: what a wallet has paid meanwhile is not taken twice.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError, ParkingEndedError
 */
export async function settleDue(work: Work, input: SettleDue): Promise<ParkingSession> {
  const { tx, now, actor } = work;
  const { venueId, sessionId, how, expectedVersion } = input;
  const note = input.note === null ? null : parseReason(input.note, 'note');
  if (how === 'WAIVED' && note === null)
    throw new ValidationError('Say why it is waived.', { field: 'note' });
  const session = await lockSession(tx, venueId, sessionId);
  if (!session || !canSeeParkingOf(actor, session)) throw new NotFoundError('parking session');
  if (!canManageParking(actor, venueId)) throw new NotOwnerError('settle what is due of stays');
  if (session.version !== expectedVersion) throw new VersionConflictError(session.version);
  const amountMinor = dueOf(session);
  if (amountMinor === null) throw new ParkingEndedError('stay has not ended: end it first');
  if (amountMinor === 0n) throw new ParkingEndedError('stay is paid: nothing of it is due');
  const settled = {
    ...session,
    paidMinor: how === 'WAIVED' ? session.paidMinor : session.chargeMinor,
    settlement: { amountMinor, how, at: now, by: actorReference(actor), note },
    changedAt: now,
    version: session.version + 1,
  };
  await saveSettlement(tx, settled);
  work.emit({ type: 'parking.session-settled', venueId, ...snapshotOfSettlement(settled) });
  return settled;
}
