import { type ClientTrace, originOf } from '../auth/session.ts';
import { NotSignedInError } from '../graphql/errors.ts';
import type { RateLimits } from '../graphql/rate-limits.ts';
import { isSignedIn, type Origin, type SignedInActor } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { admitActor, admitAddress } from './admission.ts';
import { type Authenticate, bearerToken, identify } from './authenticate.ts';
import type { Exchange } from './graphql-endpoint.ts';
import { refuseOtherMethods, type SentFile, sendFile } from './sent-file.ts';

/** Who asks for the file of which export. */
export interface AskedExport {
  readonly actor: SignedInActor;
  readonly origin: Origin | null;
  readonly bulkExportId: string;
}

/** What he may have of it now; null for nothing. */
export type ReadExport = (asked: AskedExport) => Promise<SentFile | null>;

const PATH = /^\/exports\/([^/]+)$/;

/** Which export a URL asks for; null when it is no address of one. */
export function askedExportOf({ pathname }: URL): string | null {
  const [, id = ''] = PATH.exec(pathname) ?? [];
  return isUuid(id) ? id : null;
}

/**
 * Sends the file of an export, or the part that is asked for, to who shows that he may have it: what is in it is told to
 * nobody for knowing an address.
 *
 * @throws RequestRefusedError, NotSignedInError, NotFoundError, RateLimitedError, TimeoutError, and what
 * `Authenticate` throws
 */
export async function sendExport(
  {
    read,
    authenticate,
    rateLimits,
    idleMs,
  }: {
    readonly read: ReadExport;
    readonly authenticate: Authenticate;
    readonly rateLimits: RateLimits;
    readonly idleMs: number;
  },
  bulkExportId: string,
  exchange: Exchange,
): Promise<void> {
  refuseOtherMethods(exchange);
  await admitAddress(rateLimits, exchange.client.address);
  const token = bearerToken(exchange.request.headers.authorization);
  const { actor } = await identify(authenticate, token);
  if (!isSignedIn(actor)) throw new NotSignedInError();
  await admitActor(rateLimits, actor);
  const file = await read({ actor, origin: originOf(traceOf(exchange)), bulkExportId });
  if (!file) throw new NotFoundError('export file');
  await sendFile(file, exchange, { isInline: false, idleMs, headers: { 'cache-control': 'no-store' } });
}

const traceOf = ({ request, client, log }: Exchange): ClientTrace => ({
  requestId: log.requestId,
  address: client.address,
  userAgent: request.headers['user-agent'],
});
