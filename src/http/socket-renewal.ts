import { SocketTokenRefusedError } from '../auth/errors.ts';
import type { OpenSocket } from '../graphql/context.ts';
import { type Actor, credentialOf } from '../lib/actor.ts';
import type { Connection } from './connection.ts';
import { identifyAgain, type SocketIdentityOptions } from './socket-identity.ts';

/** A socket as its own operations may act on it. `recheck` ends what may no longer be followed on it. */
export const renewable = (
  options: SocketIdentityOptions,
  { connection, recheck }: { readonly connection: Connection; readonly recheck: () => Promise<void> },
): OpenSocket => ({
  async renew(token) {
    const identity = await identifyAgain(options, token);
    if (!isSameHolder(identity.actor, connection.identity.actor)) {
      throw new SocketTokenRefusedError('The token is of another user or session than this socket.');
    }
    connection.identify(identity);
    await recheck();
    return identity.expiresAt;
  },
});

/** One credential is one user's, device's or partner's, at one venue. */
function isSameHolder(actor: Actor, holder: Actor): boolean {
  const credential = credentialOf(actor);
  return credential !== null && actor.kind === holder.kind && credential === credentialOf(holder);
}
