import { encodeGlobalId } from '../graphql/ids.ts';
import type { Actor } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import type { Identity } from './authenticate.ts';
import type { Connection, Ending } from './connection.ts';

/** A browser's own are far shorter; beyond that it is somebody's who plays. */
const MAX_TEXT_LENGTH = 200;

/**
 * What becomes of a socket, for whoever debugs: opened, identified, ended. By allow-list as of requests: ids and an
 * address, never what was shown or said on it.
 */
export function logSocket(
  logger: Logger,
  { id }: Connection,
  { message, facts }: { readonly message: string; readonly facts: () => object },
): void {
  if (!logger.isLevelEnabled('debug')) return;
  // As `connection_ack` and `realtimeConnections` name it.
  const connectionId = encodeGlobalId('RealtimeConnection', id);
  logger.debug({ transport: 'websocket', connectionId, ...facts() }, message);
}

/** Whose a socket is, by what he showed, and until when. */
export function identityFacts(
  { actor, expiresAt }: Identity,
  { isRealtimeToken }: { readonly isRealtimeToken: boolean },
): object {
  const shown = isRealtimeToken ? 'realtime token' : SHOWN[actor.kind];
  return { shown, ...actorFacts(actor), expiresAt };
}

const SHOWN: Readonly<Record<Actor['kind'], string>> = {
  anonymous: 'nothing',
  user: 'access token',
  device: 'access token',
  partner: 'API key',
  system: 'nothing',
};

function actorFacts(actor: Actor): object {
  switch (actor.kind) {
    case 'user':
      return { actor: 'user', userId: actor.userId, sessionId: actor.sessionId };
    case 'device':
      return { actor: 'device', deviceId: actor.deviceId, sessionId: actor.sessionId };
    case 'partner':
      return { actor: 'partner', apiKeyId: actor.apiKeyId };
    default:
      return { actor: actor.kind };
  }
}

/** How a socket ended that had run so many operations. A client closes with any words it likes. */
export const endingFacts = (
  { code, reason }: Ending,
  { openedAt, operations }: { readonly openedAt: Date; readonly operations: number },
): object => ({
  closeCode: code,
  reason: reason.slice(0, MAX_TEXT_LENGTH),
  ms: Date.now() - openedAt.getTime(),
  operations,
});

/** An upgrade that was answered in HTTP: no socket came of it. */
export function logRefusedUpgrade(
  logger: Logger,
  {
    status,
    why,
    address,
    origin,
  }: {
    readonly status: number;
    readonly why: string;
    readonly address: string | null;
    /** Of the page that asked. */
    readonly origin: string | undefined;
  },
): void {
  const page = origin === undefined ? {} : { origin: origin.slice(0, MAX_TEXT_LENGTH) };
  logger.debug({ transport: 'websocket', status, why, address, ...page }, 'upgrade refused');
}
