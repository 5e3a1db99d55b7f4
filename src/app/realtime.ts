import { parseClientTrace } from '../auth/session.ts';
import type { ConnectionEntry } from '../http/connections.ts';
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
  const { operations, expiresAt } = entry.connection;
  const [known] = records.get(entry) ?? [];
  if (known?.operations === operations && known.expiresAt === expiresAt) return [known];
  const record = recordOf(entry);
  records.set(entry, record);
  return record;
}

const records = new WeakMap<ConnectionEntry, readonly RealtimeConnection[]>();

function recordOf({ actor, connection }: ConnectionEntry): readonly RealtimeConnection[] {
  const credentialId = credentialOf(actor);
  const { id: holderId } = actorReference(actor);
  if (!isSignedIn(actor) || credentialId === null || holderId === null) return [];
  const { id, transport, openedAt, expiresAt, operations } = connection;
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
    },
  ];
}
