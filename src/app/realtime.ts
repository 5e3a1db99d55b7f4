import { parseClientTrace } from '../auth/session.ts';
import type { ConnectionEntry, OpenConnection } from '../http/connections.ts';
import type { HttpServer } from '../http/server.ts';
import { actorReference, credentialOf, isSignedIn } from '../lib/actor.ts';
import type { OpenNow, RealtimeConnection } from '../realtime/connection.ts';

/** What the transport has open, in the words of the registry. */
export function openNow(http: Pick<HttpServer, 'openConnections'>): OpenNow {
  const entries = [...http.openConnections()];
  const open = entries.map(({ connection }) => connection);
  return {
    sockets: open.filter(({ transport }) => transport === 'WEBSOCKET').length,
    streams: open.filter(({ transport }) => transport === 'SSE').length,
    operations: open.reduce((sum, { operations }) => sum + operations, 0),
    connections: entries.flatMap(toConnection),
  };
}

/** Nobody's connections are only counted; of somebody's the record is the same until something changes. */
function toConnection(entry: ConnectionEntry): readonly RealtimeConnection[] {
  const known = records.get(entry);
  if (known?.[0] && isUnchanged(known[0], entry.connection)) return known;
  const record = recordOf(entry);
  records.set(entry, record);
  return record;
}

/** In what of a connection can change. */
function isUnchanged(known: RealtimeConnection, connection: OpenConnection): boolean {
  const { operations, expiresAt, subscriptions, channels } = connection;
  return (
    known.operations === operations &&
    known.expiresAt === expiresAt &&
    known.subscriptions === subscriptions &&
    known.channels.length === channels.length &&
    known.channels.every((channel, at) => channel === channels[at])
  );
}

const records = new WeakMap<ConnectionEntry, readonly RealtimeConnection[]>();

function recordOf({ actor, connection }: ConnectionEntry): readonly RealtimeConnection[] {
  const credentialId = credentialOf(actor);
  const { id: holderId } = actorReference(actor);
  if (!isSignedIn(actor) || credentialId === null || holderId === null) return [];
  const { id, transport, openedAt, expiresAt, operations, subscriptions, channels } = connection;
  return [
    {
      id,
      venueId: actor.venueId,
      transport,
      holder: { kind: actor.kind, id: holderId },
      credentialId,
      ...parseClientTrace(connection.client),
      connectedAt: openedAt,
      expiresAt,
      operations,
      subscriptions,
      channels,
    },
  ];
}
