import type { Kysely } from 'kysely';
import { scopesOfActor } from '../auth/scopes.ts';
import { type ClientTrace, originOf } from '../auth/session.ts';
import type { Database } from '../db/schema.ts';
import { type Actor, isSignedIn, type Rights, rightsOf, type Scope } from '../lib/actor.ts';
import type { ErrorCode } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Read, RunWork } from '../work.ts';
import type { View } from './view.ts';

/**
 * What is made once when the server starts and shared by every request. Each domain adds its
 * own in `graphql/<domain>.ts` with `declare module './context.ts'`.
 */
export interface Services {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  /** How the parts of the server are doing now. It answers, it does not throw. */
  readonly health: () => Promise<Health>;
  readonly info: ServerInfo;
}

/** Facts about the running server. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  /** Where clients reach the server, without a trailing slash: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** The same for WebSockets, with the path: `ws://127.0.0.1:8000/graphql`. */
  readonly webSocketUrl: string;
  readonly startedAt: Date;
  /** WebSocket connections open in this process now. */
  readonly connections: () => number;
  readonly realtime: RealtimeFacts;
}

/** What opens a socket: access tokens and realtime tokens, or the latter alone. */
export type RealtimeAuthentication = 'access' | 'strict';

/** What a client has to know to hold a connection; the transport states its own limits here. */
export interface RealtimeFacts {
  readonly protocols: readonly string[];
  readonly authentication: RealtimeAuthentication;
  readonly heartbeatIntervalSeconds: number;
  readonly initTimeoutSeconds: number;
  readonly maxMessageBytes: number;
  readonly maxOperationsPerSocket: number;
  readonly maxBufferedBytes: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerUser: number;
  /** In a minute. */
  readonly maxConnectsPerAddress: number;
  /** In a minute. */
  readonly maxConnectsPerUser: number;
  readonly expiryNoticeSeconds: number;
  readonly sseHeartbeatIntervalSeconds: number;
  /** How long events are kept for cursors to go on behind. */
  readonly resumeWindowSeconds: number;
}

export type HealthStatus = 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY';

export interface HealthCheck {
  /** What was looked at: `database`, `sas`, … */
  readonly name: string;
  readonly status: HealthStatus;
  readonly message: string;
  /** How long looking took, null when nothing had to be waited for. */
  readonly latencyMs: number | null;
}

export interface Health {
  /** UNHEALTHY: the server cannot do its work. DEGRADED: parts of it cannot. */
  readonly status: HealthStatus;
  readonly checks: readonly HealthCheck[];
  readonly timestamp: Date;
}

/** The WebSocket an operation came over, as far as an operation may act on it. */
export interface OpenSocket {
  /**
   * Lets it live as long as this token, which is of a kind that opens one, and of the same credential;
   * asks anew what it may follow. Answers until when, null for what does not end by itself.
   *
   * @throws SocketTokenRefusedError, which leaves all as it is
   */
  renew(token: string): Promise<Date | null>;
}

/** Who asks, from where, and under which number his request is found in the log. */
export interface Caller {
  readonly actor: Actor;
  /** Which of our keys signed what he showed; null or absent where none did. */
  readonly keyId?: string | null;
  readonly requestId: string;
  readonly client: ClientTrace;
  /** Absent over HTTP. */
  readonly socket?: OpenSocket;
  /** The last cursor of a stream that is taken up again: it counts instead of the argument `after`. */
  readonly lastEventId?: string;
  /** Told the code of each error that is answered as a member of a result; of those in `errors` the transport knows itself. */
  readonly onErrorMember?: (code: ErrorCode) => void;
}

/** What every resolver gets. Loaders and scope results live as long as one context does. */
export interface Context extends Services, Caller {
  /** What the caller may. Several who may the same share what is executed for their streams. */
  readonly rights: Rights;
  readonly scopes: ReadonlySet<Scope>;
  /**
   * Whose eyes policies look with: the actor’s, or those of everybody with these rights, and then nothing is
   * anybody’s own.
   */
  readonly viewer: Rights;
  /** What services that only read take. */
  readonly read: Read;
  readonly now: Date;
  /**
   * The same caller with nothing remembered and the rights his session row gives him now, at most a
   * second old.
   *
   * @throws SessionRevokedError
   */
  fresh(): Promise<Context>;
}

export function createContext(services: Services, caller: Caller): Context {
  const { actor } = caller;
  const now = new Date();
  const client = { ...caller.client, requestId: caller.requestId };
  const origin = originOf(client);
  // Behind each context, not in it: there are many services, and a context for each operation.
  return Object.assign(Object.create(services) as Services, caller, {
    client,
    // Whatever a resolver changes is on record with the request that asked for it.
    runWork: ((by, task) => services.runWork(by, task, origin)) satisfies RunWork,
    now,
    rights: rightsOf(actor),
    scopes: scopesOfActor(actor),
    viewer: actor,
    read: { db: services.db, actor, now },
    fresh: renewal(services, caller),
  });
}

/** By itself, for streams keep it: a function of the above would hold on to all that is there. */
const renewal =
  (services: Services, caller: Caller): Context['fresh'] =>
  async () => {
    const { actor } = caller;
    const current = isSignedIn(actor) ? await services.auth.refreshActor(actor) : actor;
    return createContext(services, { ...caller, actor: current });
  };

/**
 * What one event of a stream is executed with for everybody who has this view of it. There is no
 * caller in it unless the view is one person's: a field that asks for one fails in its first test,
 * and what it shows must become an `OWN` view.
 */
export function createViewContext(services: Services, view: View): Context {
  const { actor } = view;
  if (actor) return createContext(services, { actor, requestId: newId(), client: NO_CLIENT });
  const known = viewContexts.get(services) ?? viewContextsOf(services);
  viewContexts.set(services, known);
  return new known(view);
}

type ViewContext = new (view: View) => Context;

const viewContexts = new WeakMap<Services, ViewContext>();

/** One is made for each event: services stand behind all of them, and few executions ask for the rest. */
function viewContextsOf(services: Services): ViewContext {
  class SharedContext {
    readonly rights: Rights;
    readonly scopes: ReadonlySet<Scope>;
    readonly viewer: Rights;
    #now: Date | null = null;
    #requestId: string | null = null;

    constructor({ rights, scopes }: View) {
      this.rights = rights;
      this.scopes = scopes;
      this.viewer = rights;
    }

    get client(): ClientTrace {
      return NO_CLIENT;
    }

    get now(): Date {
      this.#now ??= new Date();
      return this.#now;
    }

    /** Faults are told under a number of the execution's own. */
    get requestId(): string {
      this.#requestId ??= newId();
      return this.#requestId;
    }

    get actor(): never {
      throw new Error('a shared execution has no actor');
    }

    get read(): never {
      throw new Error('a shared execution has no actor to read for');
    }
  }
  Object.setPrototypeOf(SharedContext.prototype, services);
  return SharedContext as unknown as ViewContext;
}

const NO_CLIENT: ClientTrace = Object.freeze({ address: null, userAgent: undefined });
