import { ANONYMOUS, type SignedInActor } from '../lib/actor.ts';
import type { RunWork, Work } from '../work.ts';
import { lockApiKeyEnd } from './api-key-store.ts';
import { ApiKeyRevokedError, SessionRevokedError, SocketTokenRefusedError } from './errors.ts';
import { REALTIME_TOKEN_SECONDS, realtimeTokenHash } from './realtime-token.ts';
import {
  findRealtimeToken,
  insertRealtimeToken,
  type KeptRealtimeToken,
  takeRealtimeToken,
} from './realtime-token-store.ts';
import { lockSessionEnd } from './session-store.ts';

/**
 * Keeps a realtime token of this actor, for half an hour, and no longer than his session or key lasts, or what signed
 * the token he asks with.
 *
 * @throws SessionRevokedError, ApiKeyRevokedError, TokenInvalidError when that ended meanwhile
 */
export async function keepRealtimeToken(
  work: Work,
  holder: SignedInActor,
  {
    hash,
    singleUse,
    keyId,
  }: { readonly hash: Buffer; readonly singleUse: boolean; readonly keyId: string | null },
): Promise<{ readonly expiresAt: Date; readonly expiresInSeconds: number }> {
  const { now } = work;
  const { actorId, credentialId } = idsOf(holder);
  const latest = new Date(now.getTime() + REALTIME_TOKEN_SECONDS * 1000);
  const end = await lockEnd(work, holder);
  const expiresAt = end && end < latest ? end : latest;
  await insertRealtimeToken(work.tx, {
    hash,
    venueId: holder.venueId,
    actorKind: holder.kind,
    actorId,
    credentialId,
    keyId,
    singleUse,
    createdAt: now,
    expiresAt,
  });
  return { expiresAt, expiresInSeconds: Math.floor((expiresAt.getTime() - now.getTime()) / 1000) };
}

/** When what the actor's power hangs on ends by itself; null for a key that does not. */
async function lockEnd({ tx, now }: Work, holder: SignedInActor): Promise<Date | null> {
  if (holder.kind === 'partner') {
    const key = await lockApiKeyEnd(tx, { venueId: holder.venueId, id: holder.apiKeyId, now });
    if (!key) throw new ApiKeyRevokedError();
    return key.expiresAt;
  }
  const sessionEnd = await lockSessionEnd(tx, { sessionId: holder.sessionId, now });
  if (!sessionEnd) throw new SessionRevokedError();
  return sessionEnd;
}

/** Who a realtime token stands for, with none of his rights yet. */
interface RedeemedToken {
  readonly holder: SignedInActor;
  /** What signed the access token it was asked for with; null where nothing did. */
  readonly keyId: string | null;
  readonly expiresAt: Date;
}

/**
 * Who opens a socket with a realtime token, as he stands now.
 *
 * @throws SocketTokenRefusedError, and what `refreshActor` throws
 */
export async function authenticateRealtime(
  {
    runWork,
    refreshActor,
  }: {
    readonly runWork: RunWork;
    readonly refreshActor: (holder: SignedInActor) => Promise<SignedInActor>;
  },
  realtimeToken: string,
): Promise<{ readonly actor: SignedInActor; readonly expiresAt: Date; readonly keyId: string | null }> {
  const hash = realtimeTokenHash(realtimeToken);
  if (!hash) {
    throw new SocketTokenRefusedError(
      'A realtime token is expected, which begins with rt_: issueRealtimeToken gives one.',
    );
  }
  const { holder, ...terms } = await runWork(ANONYMOUS, (work) => redeemRealtimeToken(work, hash));
  return { actor: await refreshActor(holder), ...terms };
}

/**
 * Takes a realtime token. One that is good once is used up by it.
 *
 * @throws SocketTokenRefusedError when it is unknown, used up, withdrawn or expired
 */
async function redeemRealtimeToken({ tx, now }: Work, hash: Buffer): Promise<RedeemedToken> {
  const token = await takeRealtimeToken(tx, hash);
  if (!token)
    throw new SocketTokenRefusedError('The realtime token is unknown or was used. Ask for another.');
  if (token.expiresAt <= now)
    throw new SocketTokenRefusedError('The realtime token has expired. Ask for another.');
  return { holder: holderOf(token), expiresAt: token.expiresAt, keyId: token.keyId };
}

/** What is kept of a realtime token, and whether its time is over. */
export interface InspectedToken extends RedeemedToken {
  readonly singleUse: boolean;
  readonly isExpired: boolean;
}

/** Looks at a realtime token without using it. Null when nothing is kept of it: it is unknown, used up or withdrawn. */
export async function inspectRealtimeToken({ tx, now }: Work, hash: Buffer): Promise<InspectedToken | null> {
  const token = await findRealtimeToken(tx, hash);
  if (!token) return null;
  const { singleUse, expiresAt, keyId } = token;
  return { holder: holderOf(token), expiresAt, keyId, singleUse, isExpired: expiresAt <= now };
}

function idsOf(holder: SignedInActor): { readonly actorId: string; readonly credentialId: string } {
  switch (holder.kind) {
    case 'user':
      return { actorId: holder.userId, credentialId: holder.sessionId };
    case 'device':
      return { actorId: holder.deviceId, credentialId: holder.sessionId };
    case 'partner':
      return { actorId: holder.apiKeyId, credentialId: holder.apiKeyId };
  }
}

function holderOf({ actorKind, actorId, credentialId, venueId }: KeptRealtimeToken): SignedInActor {
  switch (actorKind) {
    case 'user':
      return {
        kind: 'user',
        userId: actorId,
        venueId,
        sessionId: credentialId,
        roles: [],
        grants: [],
        mustChangePassword: false,
      };
    case 'device':
      return { kind: 'device', deviceId: actorId, venueId, sessionId: credentialId };
    case 'partner':
      return { kind: 'partner', apiKeyId: actorId, venueId, scopes: [], eventTypes: [] };
  }
}
