import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../lib/logger.ts';
import { answerWith } from './answer.ts';
import { withoutCalendarToken } from './calendar.ts';
import type { FindClient } from './client-address.ts';
import { RequestRefusedError } from './errors.ts';
import type { Exchange } from './graphql-endpoint.ts';
import { asGraphQLError } from './operations.ts';
import type { Origins } from './origins.ts';
import { quietTurn } from './quiet-turn.ts';
import { discardRest } from './request-body.ts';
import { createRequestLog, type TranslateError } from './request-log.ts';
import { SECURITY_HEADERS, STRICT_TRANSPORT, sendReply } from './responses.ts';
import { statusClassOf, type Traffic } from './traffic.ts';
import { withoutUploadToken } from './uploads.ts';

/** Every HTTP request from its first byte to its line in the log. */
export interface Exchanges {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /**
   * From now on each answer is the last on its connection. Calls to have those closed on which nothing is under way: after
   * `lingerMs`, and then whenever an answer has left. Not while one that is complete is still on its way out: Node takes
   * its connection for idle, and would cut it off.
   */
  drain(closeIdle: () => void, lingerMs: number): void;
}

export interface ExchangesOptions {
  readonly routes: (exchange: Exchange) => Promise<void>;
  readonly origins: () => Origins;
  readonly findClient: FindClient;
  readonly logger: Logger;
  readonly translate: TranslateError;
  readonly traffic: Traffic;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** What asks often and says little is only seen when somebody debugs. */
const QUIET = /^\/(?:health$|metrics$|graphql\/assets\/)/;

export function createExchanges({
  routes,
  origins,
  findClient,
  logger,
  translate,
  traffic,
}: ExchangesOptions): Exchanges {
  const open = new Set<ServerResponse>();
  let onLeft = () => {};
  let areLast = false;
  const logged = { logger, transport: 'http', translate, onCode: traffic.errors.add } as const;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdOf(request);
    // As it was understood: a secret in it can be written in more than one way.
    const url = urlOf(request);
    const path = withoutUploadToken(withoutCalendarToken(url?.pathname ?? ''));
    const level = QUIET.test(path) ? 'debug' : 'info';
    const log = createRequestLog({ ...logged, level }, requestId);
    const client = findClient(request);
    open.add(response);
    response.once('finish', () => discardRest(request));
    response.once('close', () => {
      open.delete(response);
      onLeft();
      // Whoever went before was not answered.
      const status = response.headersSent ? response.statusCode : null;
      if (status !== null) traffic.answers.add(statusClassOf(status));
      log.finish({ method: request.method ?? '', path: path.slice(0, 100), status });
    });
    setHeaders(response, {
      ...SECURITY_HEADERS,
      ...(client.isHttps && STRICT_TRANSPORT),
      'x-request-id': requestId,
      ...origins().corsHeaders(request.headers.origin),
      ...(areLast && { connection: 'close' }),
    });
    try {
      if (!url) throw new RequestRefusedError(400, 'The URL is malformed.');
      await routes({ request, response, client, url, log });
    } catch (error) {
      const failed = answerWith(
        { errors: [asGraphQLError(error)] },
        request.headers.accept ?? null,
        log.errors,
      );
      if (response.headersSent) response.destroy();
      else sendReply(response, failed);
    }
  }

  return {
    handle: (request, response) => void answer(request, response),
    drain(closeIdle, lingerMs) {
      areLast = true;
      const closeUnused = async () => {
        await quietTurn();
        if (![...open].some(({ writableEnded }) => writableEnded)) closeIdle();
      };
      for (const response of open) {
        const { socket } = response.req;
        const isLast = () => ![...open].some(({ req }) => req !== response.req && req.socket === socket);
        if (!response.headersSent) response.setHeader('connection', 'close');
        // Its client was not told, and would keep the connection for as long as one may be idle.
        else response.once('finish', () => void (isLast() && socket.destroySoon()));
      }
      setTimeout(() => {
        onLeft = () => void closeUnused();
        onLeft();
      }, lingerMs).unref();
    },
  };
}

/** The caller's own number for the request when it is well formed, a new one otherwise: nothing is sorted by them. */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Null for a malformed one. */
function urlOf(request: IncomingMessage): URL | null {
  try {
    return new URL(request.url ?? '/', 'http://localhost');
  } catch {
    return null;
  }
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
