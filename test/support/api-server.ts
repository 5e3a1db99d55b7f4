import { createSchema } from 'graphql-yoga';
import { pino } from 'pino';
import { SocketTokenRefusedError, TokenExpiredError, TokenInvalidError } from '../../src/auth/errors.ts';
import type { Authenticated } from '../../src/auth/service.ts';
import type { StreamedEvent } from '../../src/events/source.ts';
import type { Caller, Health } from '../../src/graphql/context.ts';
import { NotSignedInError } from '../../src/graphql/errors.ts';
import type { Limits } from '../../src/http/limits.ts';
import { createRateLimiter } from '../../src/http/rate-limiter.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../src/http/server.ts';
import { ANONYMOUS, type UserActor } from '../../src/lib/actor.ts';
import { DatabaseUnavailableError, NotFoundError, PermissionDeniedError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Channel, createChannel } from './channel.ts';
import { NO_RATE_LIMITS } from './rate-limits.ts';

/** The transport with a schema of its own: each field shows one thing a resolver can do. */
export interface ApiServer {
  readonly http: HttpServer;
  readonly port: number;
  readonly url: string;
  readonly ticks: Channel & { readonly subscribers: number };
  /** Resolves the field `wait`. */
  readonly release: () => void;
  /** Calls of `wait` that have begun. */
  readonly waiting: () => number;
  /** From now on nobody may follow `me`. */
  readonly takeRights: () => void;
  /** Every line of the log, parsed. */
  readonly lines: readonly LogLine[];
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly fault?: { readonly message: string };
  readonly [key: string]: unknown;
}

export const ACTOR: UserActor = {
  kind: 'user',
  userId: '0190d7f0-0000-7000-8000-000000000001',
  venueId: '0190d7f0-0000-7000-8000-000000000002',
  sessionId: '0190d7f0-0000-7000-8000-000000000003',
  roles: ['OPERATOR'],
  grants: [],
  mustChangePassword: false,
};

export const HEALTHY: Health = {
  status: 'HEALTHY',
  checks: [{ name: 'database', status: 'HEALTHY', message: 'It answers.', latencyMs: 1 }],
  timestamp: new Date('2026-01-02T03:04:05.678Z'),
};

export const SECRET_DETAIL = 'password=hunter2 at db.internal';

/** What signed every token. */
export const KEY_ID = 'test';

/** How long a `short` token lasts from when it is shown. */
const SHORT_MS = 300;

async function authenticate(token: string): Promise<Authenticated> {
  if (token === 'expired') throw new TokenExpiredError();
  if (token === 'broken') throw new Error(SECRET_DETAIL);
  if (token === 'away') throw new DatabaseUnavailableError();
  if (token !== 'good' && token !== 'short') throw new TokenInvalidError();
  const expiresAt = new Date(Date.now() + (token === 'short' ? SHORT_MS : 3_600_000));
  return { actor: ACTOR, expiresAt, keyId: KEY_ID };
}

/** `rt_good` and the like stand for the same as `good`. */
async function authenticateRealtime(token: string): Promise<Authenticated> {
  const good = /^rt_(.+)$/.exec(token)?.[1];
  if (!good) throw new SocketTokenRefusedError('A realtime token is expected.');
  return { ...(await authenticate(good)), keyId: null };
}

const typeDefs = `
  type Query {
    hello(name: String): String
    whoami: String
    boom: String
    boomTwice: [String]
    databaseAway: String
    unexpressible: Int
    missing: String
    tree: Tree
    text(bytes: Int!): String
    wait: String
  }
  type Tree { name: String tree: Tree trees: [Tree!] }
  type Mutation { touch: Int wait: String login: SignedIn }
  type SignedIn { accessToken: String }
  type Subscription { ticks: Int past: Int me: String text(bytes: Int!): String }
`;

type Tick = StreamedEvent<'test.ticked'>;

interface TestContext extends Caller {
  fresh(): Promise<TestContext>;
}

/** Starts it on the loopback address, by default on a free port; the test closes `http`. */
export async function anApiServer(
  options: { limits?: Partial<Limits> } & Partial<HttpServerOptions> = {},
  wantedPort = 0,
): Promise<ApiServer> {
  const ticks = createChannel();
  const lines: LogLine[] = [];
  let release = () => {};
  let waiting = 0;
  const released = new Promise<void>((resolve) => (release = resolve));
  const wait = async () => {
    waiting += 1;
    await released;
    return 'waited';
  };
  const signedIn = ({ actor }: TestContext) => {
    if (actor.kind !== 'user') throw new NotSignedInError();
    return actor.userId;
  };
  const fault = new Error(SECRET_DETAIL);
  let hasRights = true;

  const schema = createSchema<TestContext>({
    typeDefs,
    resolvers: {
      Query: {
        hello: (_root, { name }: { name?: string }) => `Hello ${name ?? 'world'}`,
        whoami: (_root, _args, context) => signedIn(context),
        boom: () => Promise.reject(fault),
        boomTwice: () => [Promise.reject(fault), Promise.reject(fault)],
        databaseAway: () => Promise.reject(Object.assign(new Error(SECRET_DETAIL), { code: 'ECONNREFUSED' })),
        unexpressible: () => 'not a number',
        missing: () => Promise.reject(new NotFoundError('machine')),
        tree: () => ({}),
        text: (_root, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
        wait,
      },
      Tree: { name: () => 'leaf', tree: () => ({}), trees: () => [{}] },
      Mutation: { touch: () => 1, wait, login: () => ({ accessToken: 'good' }) },
      Subscription: {
        ticks: {
          subscribe: () => ticks.plan() as never,
          resolve: ({ payload: { value } }: Tick) => {
            if (value < 0) throw fault;
            return value;
          },
        },
        past: {
          subscribe: () => ticks.planFromStart() as never,
          resolve: ({ payload: { value } }: Tick) => value,
        },
        me: {
          subscribe: (_root, _args, context) => {
            const source = ticks.plan('OWN') as never;
            signedIn(context);
            if (!hasRights) throw new PermissionDeniedError('follow this');
            return source;
          },
          resolve: (_tick: Tick, _args, context) => signedIn(context),
        },
        text: {
          subscribe: () => ticks.plan() as never,
          resolve: (_tick: Tick, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
        },
      },
    },
  });

  const createContext = (caller: Caller): TestContext => ({
    ...caller,
    fresh: async () => createContext(caller),
  });
  const http = createHttpServer({
    schema,
    createContext: createContext as unknown as HttpServerOptions['createContext'],
    createViewContext: ({ actor }) =>
      createContext({ actor: actor ?? ANONYMOUS, requestId: newId(), client: {} }) as never,
    authenticate,
    authenticateRealtime,
    refreshActor: async (actor) => actor,
    rateLimits: createRateLimiter(NO_RATE_LIMITS, null),
    health: async () => HEALTHY,
    metrics: { contentType: 'text/plain', scrape: async () => 'up 1\n', token: null },
    jwks: () => ({ keys: [{ kty: 'OKP', kid: 'test' }] }),
    logger: pino(
      { level: 'debug', base: null, formatters: { level: (level) => ({ level }) } },
      { write: (line) => void lines.push(JSON.parse(line)) },
    ),
    translateError: (error) =>
      error instanceof Error && 'code' in error
        ? { answer: new DatabaseUnavailableError({ cause: error }), isFault: false }
        : null,
    ...options,
  });
  const { port } = await http.listen({ host: '127.0.0.1', port: wantedPort });
  return {
    http,
    port,
    url: `http://127.0.0.1:${port}`,
    ticks: Object.defineProperties(ticks, {
      subscribers: { get: () => http.fanOutCounts().subscriptions },
    }) as ApiServer['ticks'],
    release,
    waiting: () => waiting,
    takeRights() {
      hasRights = false;
    },
    lines,
  };
}
