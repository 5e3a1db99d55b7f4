import type { Work } from '../work.ts';
import { InvalidCredentialsError } from './errors.ts';
import { type ClientTrace, parseClientTrace, type Session } from './session.ts';
import { insertSession } from './session-store.ts';
import type { User } from './user.ts';
import { type Credentials, lockSignInUser } from './user-store.ts';

export interface NewSession {
  /** Made by the caller. */
  readonly id: string;
  readonly venueId: string;
  /** Whose password was found right. */
  readonly credentials: Pick<Credentials, 'userId' | 'passwordHash'>;
  readonly lifetimeSeconds: number;
  readonly client: ClientTrace;
}

/**
 * Opens a session for somebody whose password was right a moment ago. It is looked at again:
 * the account may have been locked or its password changed since.
 *
 * @throws InvalidCredentialsError when it was, or when the user has no role at the venue
 */
export async function openSession(
  work: Work,
  { id, venueId, credentials, lifetimeSeconds, client }: NewSession,
): Promise<{ session: Session; user: User }> {
  const user = await lockSignInUser(work.tx, venueId, credentials);
  if (!user || user.roles.length === 0) throw new InvalidCredentialsError();
  const expiresAt = new Date(work.now.getTime() + lifetimeSeconds * 1000);
  const session: Session = { id, venueId, userId: user.id, createdAt: work.now, expiresAt };
  await insertSession(work.tx, session, parseClientTrace(client));
  work.emit({ type: 'auth.session-opened', venueId, sessionId: id, userId: user.id });
  return { session, user };
}
