import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import type { Read, Work } from '../work.ts';
import { type Holder, parseReason, type RealtimeConnection } from './connection.ts';
import './events.ts';
import { findConnectionsByIds } from './connection-store.ts';
import { canDisconnect, canSeeConnections } from './policy.ts';

/** Those of these connections of a venue that the actor may see; in no order. */
export async function findVisibleConnections(
  { db, actor }: Read,
  venueId: string,
  ids: readonly string[],
): Promise<RealtimeConnection[]> {
  return canSeeConnections(actor, venueId) ? await findConnectionsByIds(db, venueId, ids) : [];
}

/**
 * Announces that a connection is to be closed; the process that has it closes it before it delivers
 * anything that happens later. What its holder may do stays as it is: he may connect again.
 *
 * @throws ValidationError, NotFoundError, NotOwnerError
 */
export async function disconnectClient(
  work: Work,
  input: { readonly venueId: string; readonly connectionId: string; readonly reason: string },
): Promise<RealtimeConnection> {
  const { tx, actor } = work;
  const { venueId, connectionId } = input;
  const reason = parseReason(input.reason);
  const [connection] = canSeeConnections(actor, venueId)
    ? await findConnectionsByIds(tx, venueId, [connectionId])
    : [];
  if (!connection) throw new NotFoundError('connection');
  if (!canDisconnect(actor, venueId)) throw new NotOwnerError('close this connection');
  const holder = byKind(connection.holder);
  work.emit({ type: 'realtime.client-disconnected', venueId, connectionId, ...holder, reason });
  return connection;
}

function byKind({ kind, id }: Holder) {
  if (kind === 'user') return { userId: id };
  return kind === 'device' ? { deviceId: id } : { apiKeyId: id };
}
