import { isOwn } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { chargeFees, chargeWhatIsThere, type Fee } from '../wallet/fee.ts';
import type { Work } from '../work.ts';
import { chargeOf } from './charge.ts';
import { deleteClaim } from './claim-store.ts';
import { ParkingEndedError } from './errors.ts';
import { announceOccupancy } from './occupancy-service.ts';
import { canParkFor, canSeeParkingOf } from './policy.ts';
import { getRate } from './rate-store.ts';
import type { KeptReservation } from './reservation.ts';
import { getLockedLot } from './reservation-service.ts';
import { findReservationsByIds, saveReservation } from './reservation-store.ts';
import { dueOf, type ParkingSession } from './session.ts';
import { findSessionsByIds, lockSession, saveSession, saveSessionEnd } from './session-store.ts';
import { snapshotOfReservation, snapshotOfSession } from './snapshots.ts';

export interface OfSession {
  readonly venueId: string;
  readonly sessionId: string;
}

/** A stay that has ended; `isReplay` when it had before. */
export interface EndedSession {
  readonly session: ParkingSession;
  readonly isReplay: boolean;
}

/**
 * Ends a stay and takes what it costs from the wallet of whose it is. It ends whatever is in that wallet, or whether
 * there is one: what is there is paid, and the rest is due. Once more changes nothing.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function endSession(work: Work, { venueId, sessionId }: OfSession): Promise<EndedSession> {
  const { tx, now, actor } = work;
  const [seen] = await findSessionsByIds(tx, venueId, [sessionId]);
  if (!seen || !canSeeParkingOf(actor, seen)) throw new NotFoundError('parking session');
  if (!canParkFor(actor, seen)) throw new NotOwnerError('end stays of others');
  const { lotId } = seen;
  await getLockedLot(work, { venueId, lotId });
  const session = await lockSession(tx, venueId, sessionId);
  if (!session) throw new NotFoundError('parking session');
  if (session.endedAt !== null) return { session, isReplay: true };

  const endedAt = now > session.startedAt ? now : session.startedAt;
  const rate = session.rateId === null ? null : await getRate(tx, session.rateId);
  const left: ParkingSession = {
    ...session,
    endedAt,
    chargeMinor: chargeOf(rate, { startedAt: session.startedAt, endedAt }),
    paidMinor: 0n,
    changedAt: now,
    version: session.version + 1,
  };
  await deleteClaim(tx, { sessionId });
  await saveSessionEnd(tx, left, actor);
  if (session.reservationId !== null) await completeReservation(work, venueId, session.reservationId);
  await announceOccupancy(work, lotId);
  const paidMinor = await payWhatIsThere(work, left);
  const ended = { ...left, paidMinor };
  if (paidMinor > 0n) await saveSession(tx, ended);
  work.emit({ type: 'parking.session-ended', venueId, ...snapshotOfSession(ended) });
  return { session: ended, isReplay: false };
}

/**
 * Takes what is due of a stay from the wallet of whose it is: all of it, or nothing. Where nothing is due nothing
 * happens.
 *
 * @throws NotFoundError, NotOwnerError, ParkingEndedError, InsufficientFundsError, WalletFrozenError
 */
export async function payDue(work: Work, { venueId, sessionId }: OfSession): Promise<ParkingSession> {
  const { tx, now, actor } = work;
  const session = await lockSession(tx, venueId, sessionId);
  if (!session || !canSeeParkingOf(actor, session)) throw new NotFoundError('parking session');
  if (!isOwn(actor, session)) throw new NotOwnerError('pay for others');
  const dueMinor = dueOf(session);
  if (dueMinor === null) throw new ParkingEndedError('stay has not ended: end it, and it is paid');
  if (dueMinor === 0n) return session;
  const paid: ParkingSession = {
    ...session,
    paidMinor: session.chargeMinor,
    changedAt: now,
    version: session.version + 1,
  };
  await saveSession(tx, paid);
  work.emit({ type: 'parking.session-paid', venueId, ...snapshotOfSession(paid) });
  await chargeFees(work, feesOf(session, dueMinor));
  return paid;
}

async function completeReservation(
  { tx, now, actor, emit }: Work,
  venueId: string,
  id: string,
): Promise<void> {
  const [reservation] = await findReservationsByIds(tx, venueId, [id]);
  if (!reservation) throw new Error(`there is no reservation ${id}`);
  const completed: KeptReservation = {
    ...reservation,
    status: 'COMPLETED',
    endedAt: now,
    changedAt: now,
    version: reservation.version + 1,
  };
  await saveReservation(tx, completed, actor);
  emit({ type: 'parking.reservation-completed', venueId, ...snapshotOfReservation(completed) });
}

async function payWhatIsThere(work: Work, session: ParkingSession): Promise<bigint> {
  const [fee] = feesOf(session, session.chargeMinor ?? 0n);
  return fee ? await chargeWhatIsThere(work, fee) : 0n;
}

/** None where nobody's wallet pays. */
const feesOf = ({ id, venueId, userId, currency }: ParkingSession, amountMinor: bigint): readonly Fee[] =>
  userId === null ? [] : [{ venueId, userId, amountMinor, currency, reference: `parking:${id}` }];
