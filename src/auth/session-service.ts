import type { DeviceActor, UserActor } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import type { Device } from './device.ts';
import { findDevicesByIds } from './device-store.ts';
import {
  EmailNotVerifiedError,
  InvalidCredentialsError,
  RefreshTokenInvalidError,
  SessionRevokedError,
} from './errors.ts';
import { deleteRealtimeTokensOf } from './realtime-token-store.ts';
import { insertRefreshToken, lockRefreshToken, markRefreshTokenUsed } from './refresh-token-store.ts';
import {
  type ClientTrace,
  parseClientTrace,
  type RevocationReason,
  type Session,
  type SessionHolder,
} from './session.ts';
import { getSession, insertSession, revokeSessions, type WhichSessions } from './session-store.ts';
import type { User } from './user.ts';
import { type Credentials, findUsersByIds, lockSignInUser } from './user-store.ts';

export interface NewSession {
  /** Made by the caller. */
  readonly id: string;
  readonly venueId: string;
  /** Whose password was found right. */
  readonly credentials: Pick<Credentials, 'userId' | 'passwordHash'>;
  readonly lifetimeSeconds: number;
  readonly client: ClientTrace;
  /** SHA-256 of its first refresh token. */
  readonly refreshTokenHash: Buffer;
}

/** A session and whose it is. */
export interface OpenSession {
  readonly session: Session;
  readonly user: User;
}

/**
 * Opens a session for somebody whose password was right a moment ago. It is looked at again:
 * the account may have been locked or its password changed since.
 *
 * @throws InvalidCredentialsError when it was, or when the user has no role at the venue
 */
export async function openSession(
  work: Work,
  { id, venueId, credentials, lifetimeSeconds, client, refreshTokenHash }: NewSession,
): Promise<OpenSession> {
  const user = await lockSignInUser(work.tx, venueId, credentials);
  if (!user || user.roles.length === 0) throw new InvalidCredentialsError();
  const session: Session = {
    id,
    venueId,
    holder: { userId: user.id },
    createdAt: work.now,
    lastUsedAt: work.now,
    expiresAt: new Date(work.now.getTime() + lifetimeSeconds * 1000),
    ...parseClientTrace(client),
  };
  await insertSession(work.tx, session);
  await insertRefreshToken(work.tx, { hash: refreshTokenHash, venueId, sessionId: id, at: work.now });
  work.emit({ type: 'auth.session-opened', venueId, sessionId: id, userId: user.id });
  return { session, user };
}

/** A session that goes on, and whose it is: one of both. */
export interface RenewedSession {
  readonly session: Session;
  readonly user: User | null;
  readonly device: Device | null;
}

/** What came of showing a refresh token. Reuse is an outcome and no error: what it changed must stay. */
export type Renewal =
  | ({ readonly kind: 'renewed' } & RenewedSession)
  | { readonly kind: 'reused'; readonly sessionId: string };

/**
 * Exchanges a refresh token for its successor. One that was exchanged before ends its session:
 * of two who hold it one is a thief, and nobody can tell which (RFC 9700, 4.14).
 *
 * @throws RefreshTokenInvalidError when it is unknown
 * @throws SessionRevokedError when the session is over, its user is locked or without a role, or its device removed
 * @throws EmailNotVerifiedError when that is asked for; the token stays good
 */
export async function renewSession(
  work: Work,
  {
    hash,
    successorHash,
    requireVerifiedEmail,
  }: { readonly hash: Buffer; readonly successorHash: Buffer; readonly requireVerifiedEmail: boolean },
): Promise<Renewal> {
  const token = await lockRefreshToken(work.tx, hash, work.now);
  if (!token) throw new RefreshTokenInvalidError();
  const { sessionId, venueId, holder } = token;
  if (token.isUsed) {
    await endSessions(work, { ...holder, which: { only: sessionId }, reason: 'REFRESH_TOKEN_REUSED' });
    return { kind: 'reused', sessionId };
  }
  const admitted = token.isSessionOpen ? await findAdmitted(work, venueId, holder) : null;
  if (!admitted) throw new SessionRevokedError();
  if (requireVerifiedEmail && admitted.user?.emailVerifiedAt === null) throw new EmailNotVerifiedError();
  await markRefreshTokenUsed(work.tx, hash, work.now);
  await insertRefreshToken(work.tx, { hash: successorHash, venueId, sessionId, at: work.now });
  work.emit({ type: 'auth.session-renewed', venueId, sessionId, ...holder });
  return { kind: 'renewed', ...admitted, session: await getSession(work.tx, holder, sessionId) };
}

/** The holder of a session; null when he may have none any more. */
async function findAdmitted(
  { tx }: Work,
  venueId: string,
  holder: SessionHolder,
): Promise<Pick<RenewedSession, 'user' | 'device'> | null> {
  if ('deviceId' in holder) {
    const [device] = await findDevicesByIds(tx, venueId, [holder.deviceId]);
    return device?.status === 'ACTIVE' ? { user: null, device } : null;
  }
  const [user] = await findUsersByIds(tx, venueId, [holder.userId]);
  return user?.status === 'ACTIVE' && user.roles.length > 0 ? { user, device: null } : null;
}

/**
 * Ends the session the actor asks in, or all of his at every venue. Answers which ended.
 *
 * @throws SessionRevokedError when there was nothing left to end
 */
export async function logout(
  work: Work,
  actor: UserActor | DeviceActor,
  { allSessions }: { readonly allSessions: boolean },
): Promise<readonly string[]> {
  const ended = await endSessions(work, {
    ...(actor.kind === 'user' ? { userId: actor.userId } : { deviceId: actor.deviceId }),
    which: allSessions ? 'all' : { only: actor.sessionId },
    reason: 'LOGOUT',
  });
  if (ended.length === 0) throw new SessionRevokedError();
  return ended;
}

/** Ends one of the actor's own sessions. @throws NotFoundError when it is none of his, or over already */
export async function revokeOwnSession(work: Work, { userId }: UserActor, sessionId: string): Promise<void> {
  const ended = await endSessions(work, { userId, which: { only: sessionId }, reason: 'REVOKED' });
  if (ended.length === 0) throw new NotFoundError('session');
}

/**
 * Ends sessions of a user or a device before their time, at every venue; the event closes what is open
 * on their behalf. Answers which ended.
 */
export async function endSessions(
  work: Work,
  {
    which,
    reason,
    ...holder
  }: SessionHolder & { readonly which: WhichSessions; readonly reason: RevocationReason },
): Promise<readonly string[]> {
  const ended = await revokeSessions(work.tx, { ...holder, which, at: work.now });
  for (const { id, venueId } of ended)
    work.emit({ type: 'auth.session-revoked', venueId, sessionId: id, ...holder, reason });
  const endedIds = ended.map(({ id }) => id);
  await deleteRealtimeTokensOf(work.tx, endedIds);
  return endedIds;
}
