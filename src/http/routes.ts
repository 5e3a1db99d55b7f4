import type { Health } from '../graphql/context.ts';
import type { RateLimits } from '../graphql/rate-limits.ts';
import { NotFoundError } from '../lib/errors.ts';
import { admitAddress } from './admission.ts';
import { answerWith } from './answer.ts';
import type { Authenticate } from './authenticate.ts';
import { calendarReply, calendarTokenOf, type ReadCalendar } from './calendar.ts';
import { HttpsRequiredError, RequestRefusedError } from './errors.ts';
import { askedExportOf, type ReadExport, sendExport } from './exports.ts';
import type { Graphiql } from './graphiql.ts';
import type { Exchange, GraphQLEndpoint } from './graphql-endpoint.ts';
import { healthReply } from './health.ts';
import type { Limits } from './limits.ts';
import { askedMediaOf, type ReadMedia, sendMedia } from './media.ts';
import { type MetricsSource, metricsReply } from './metrics.ts';
import { asGraphQLError } from './operations.ts';
import { jsonReply, type Reply, sendReply } from './responses.ts';
import { type ReceiveUpload, receiveUpload, uploadTokenOf } from './uploads.ts';

export interface RoutesOptions {
  readonly endpoint: GraphQLEndpoint;
  readonly graphiql: Graphiql;
  /** The schema in the schema definition language. */
  readonly sdl: () => string;
  readonly health: () => Promise<Health>;
  readonly metrics: MetricsSource;
  readonly jwks: () => object;
  readonly calendar: ReadCalendar;
  /** Null: files are neither taken nor given. */
  readonly files: FileRoutes | null;
  readonly authenticate: Authenticate;
  readonly rateLimits: RateLimits;
  readonly isDraining: () => boolean;
  readonly requireHttps: boolean;
  readonly limits: Pick<Limits, 'downloadIdleMs'>;
}

/** How files come and go, past GraphQL. */
export interface FileRoutes {
  readonly receive: ReceiveUpload;
  readonly readMedia: ReadMedia;
  readonly readExport: ReadExport;
}

const ASSETS = '/graphql/assets/';
const TO_GRAPHIQL: Reply = { status: 302, headers: { location: '/graphql' }, body: '' };

/** Answers a request by its path. A fault of a route is the caller's to answer. */
export function createRoutes(options: RoutesOptions): (exchange: Exchange) => Promise<void> {
  const { endpoint, graphiql, sdl, health, metrics, jwks, calendar, isDraining, requireHttps } = options;

  async function resource({ request, client, url: { pathname } }: Exchange): Promise<Reply | null> {
    if (pathname === '/health') return await healthReply(health, isDraining());
    if (pathname === '/metrics') return await metricsReply(metrics, request);
    if (pathname === '/.well-known/jwks.json') return jsonReply(200, jwks());
    if (pathname === '/schema.graphql') {
      return { status: 200, headers: { 'content-type': 'application/graphql; charset=utf-8' }, body: sdl() };
    }
    const token = calendarTokenOf(pathname);
    if (token !== null) {
      await admitAddress(options.rateLimits, client.address);
      return await calendarReply(calendar, token, request);
    }
    if (!pathname.startsWith(ASSETS)) return null;
    return await graphiql.asset(
      pathname.slice(ASSETS.length),
      request.headers['accept-encoding']?.toString(),
    );
  }

  /** Answers whether it was about a file. */
  async function file(exchange: Exchange): Promise<boolean> {
    const { files } = options;
    const { downloadIdleMs: idleMs } = options.limits;
    const token = files && uploadTokenOf(exchange.request.method, exchange.url.pathname);
    const asked = files && askedMediaOf(exchange.url);
    const bulkExportId = files && askedExportOf(exchange.url);
    if (token) {
      await admitAddress(options.rateLimits, exchange.client.address);
      await receiveUpload(files.receive, token, { exchange, isDraining: isDraining() });
    } else if (asked) await sendMedia({ read: files.readMedia, idleMs }, asked, exchange);
    else if (bulkExportId)
      await sendExport({ ...options, read: files.readExport, idleMs }, bulkExportId, exchange);
    return Boolean(token || asked || bulkExportId);
  }

  return async (exchange) => {
    const { request, response, client, url } = exchange;
    const { method } = request;
    // What watches over the server rarely speaks TLS, and sends and learns nothing secret.
    if (requireHttps && client.isExposed && url.pathname !== '/health')
      return refuse(exchange, new HttpsRequiredError());
    if (method === 'OPTIONS')
      return sendReply(response, { status: 204, headers: { allow: methodsOf(url) }, body: '' });
    const isBrowser = isRead(method) && (request.headers.accept ?? '').includes('text/html');
    // Who opens the address that the log names.
    if (url.pathname === '/' && isBrowser) return sendReply(response, TO_GRAPHIQL);
    if (isGraphQL(url)) {
      return isBrowser ? sendReply(response, await graphiql.page()) : await endpoint.handle(exchange);
    }
    if (await file(exchange)) return;
    const reply = await resource(exchange);
    if (!reply) return refuse(exchange, new NotFoundError('page'));
    if (!isRead(method))
      return refuse(exchange, new RequestRefusedError(405, 'This takes GET.', { allow: 'GET, HEAD' }));
    sendReply(response, reply);
  };
}

const isGraphQL = ({ pathname }: URL): boolean => pathname === '/graphql' || pathname === '/graphql/';

const isRead = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

function methodsOf(url: URL): string {
  if (isGraphQL(url)) return 'GET, HEAD, POST';
  return uploadTokenOf('PUT', url.pathname) === null ? 'GET, HEAD' : 'PUT';
}

function refuse({ request, response, log }: Exchange, error: Error): void {
  sendReply(
    response,
    answerWith({ errors: [asGraphQLError(error)] }, request.headers.accept ?? null, log.errors),
  );
}
