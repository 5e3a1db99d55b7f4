import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { DeviceActor, UserActor } from '../lib/actor.ts';
import { EmailNotVerifiedError, SessionRevokedError } from './errors.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { findSessionStanding, type SessionStanding } from './session-store.ts';
import type { TokenSubject } from './token.ts';

/** Turns sessions into actors by their rows, which alone say what somebody may do (RULES 36). */
export interface SessionActors {
  /**
   * @throws SessionRevokedError when the session is over or another's, its user is locked or without a role, or its device removed
   * @throws EmailNotVerifiedError where a user has to have shown that his address is his, and has not
   */
  actorOf(subject: TokenSubject): Promise<UserActor | DeviceActor>;
  /** The next question about this session is answered by the database. */
  forget(sessionId: string): void;
  /** The same for every session: somebody's rights changed, whose sessions nobody has counted. */
  forgetAll(): void;
}

/** How long an answer of the database may be used again. */
export const MAX_STALENESS_MS = 1_000;
const MAX_REMEMBERED = 10_000;

interface Remembered {
  readonly venueId: string;
  readonly asked: Promise<SessionStanding | null>;
}

export function createSessionActors(
  db: Kysely<Database>,
  { requireVerifiedEmail }: { readonly requireVerifiedEmail: boolean },
): SessionActors {
  const remembered = createExpiringCache<Remembered>(MAX_REMEMBERED);

  /** Requests that come at once share one query; the time counts from when it was asked. */
  function standingOf({ venueId, sessionId }: TokenSubject): Promise<SessionStanding | null> {
    const nowMs = performance.now();
    const known = remembered.get(sessionId, nowMs);
    // What is known of a session at its venue says nothing to who names another.
    if (known?.venueId === venueId) return known.asked;
    const asked = findSessionStanding(db, venueId, sessionId);
    remembered.set(sessionId, { venueId, asked }, nowMs + MAX_STALENESS_MS);
    // A failure is told to those who wait for it and to nobody later.
    asked.catch(() => remembered.delete(sessionId));
    return asked;
  }

  return {
    async actorOf(subject) {
      const standing = await standingOf(subject);
      if (!standing?.isOpen || standing.holderId !== subject.holderId) throw new SessionRevokedError();
      if (standing.status !== 'ACTIVE') throw new SessionRevokedError();
      const { holderId, venueId, sessionId } = subject;
      if (standing.kind === 'device') return { kind: 'device', deviceId: holderId, venueId, sessionId };
      const { roles, grants, mustChangePassword } = standing;
      if (roles.length === 0) throw new SessionRevokedError();
      // He may have signed in before that was asked for.
      if (requireVerifiedEmail && !standing.isEmailVerified) throw new EmailNotVerifiedError();
      return { kind: 'user', userId: holderId, venueId, sessionId, roles, grants, mustChangePassword };
    },
    forget: (sessionId) => remembered.delete(sessionId),
    forgetAll: () => remembered.clear(),
  };
}
