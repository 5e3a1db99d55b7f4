import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import type { Kysely } from 'kysely';
import { afterAll } from 'vitest';
import WebSocket from 'ws';
import { type App, createApp } from '../../src/app.ts';
import { ROLE_OF_GRANT } from '../../src/auth/scopes.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Connection } from '../../src/db/database.ts';
import type { Database } from '../../src/db/schema.ts';
import { ROLES, type Role } from '../../src/lib/actor.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { formatSymbols } from '../../src/sas/codec/symbol.ts';
import type { HeardSymbol } from '../../src/sas/host/port.ts';
import { createEgm, type Egm, type EgmOptions } from '../../src/sas/simulator/egm.ts';
import type { Faults } from '../../src/sas/simulator/faults.ts';
import { createSimulatedLine, type FloorLine } from '../../src/sas/simulator/floor.ts';
import { fileMemory } from '../../src/sas/simulator/memory.ts';
import { createRunWork } from '../../src/work.ts';
import { aDevice, anApiKey, aUser, aVenue, PASSWORD } from './builders.ts';
import { cloneDatabase } from './database.ts';
import { eventually, withDeadline } from './deadline.ts';
import { aLine } from './floor.ts';
import { HASH_COST } from './hash-cost.ts';
import { NO_RATE_LIMITS } from './rate-limits.ts';
import { noteSecrets, watchOutput } from './secrets.ts';

/** Who asks: somebody with exactly this role at the venue, a PARTNER by an API key that may see machines and follow their events, a DEVICE by its pairing code; an OPERATOR with all the grants there are; or the ADMIN of another one that has nothing. */
export type Asker = Role | 'OPERATOR_WITH_GRANTS' | 'FOREIGN_ADMIN';

/** A floorwire on loopback with one venue, one line of simulated machines, and somebody of each role. */
export interface FloorApp {
  readonly egms: readonly Egm[];
  readonly line: FloorLine;
  readonly machineIds: readonly string[];
  readonly venueId: string;
  readonly dataDir: string;
  /** To its database, as the owner of the tables. */
  readonly connection: Connection;
  /** What the machines heard lately, as SAS.md writes it: `*01 01 51 08`. */
  heard(): string;
  /** Sends each answer of the machines through this on its way to the host; null lets them through. */
  disturb(change: ((answer: readonly HeardSymbol[]) => readonly HeardSymbol[]) | null): void;
  app(): App;
  /** All it has logged so far, at every level. */
  logged(): string;
  /** Stops the server and starts it anew on the same database; the machines stay as they are. */
  restart(): Promise<void>;
  /** What the API answers to this role, or to nobody. */
  ask<Data = Json>(query: string, options?: AskOptions): Promise<Answer<Data>>;
  /** A stock graphql-ws client of this role. */
  client(as: Asker | null): Client;
  /** The frames of a subscription, taken one at a time. */
  follow<Data = Json>(query: string, options?: AskOptions): Frames<Data>;
  token(as: Asker): Promise<string>;
  /** Forgets this one's token: who was signed out signs in again. A partner has nothing to sign out of. */
  signInAgain(as: Asker): void;
  /** Where the log stands: a durable subscription `after` it misses nothing from now on. */
  cursor(): Promise<string>;
  /** Waits until all machines answer. */
  online(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;

export interface AskOptions {
  readonly as?: Asker | null;
  readonly variables?: Record<string, unknown>;
}

export interface Answer<Data> {
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface Frames<Data> {
  /** The next frame, within a minute. */
  next(): Promise<Data>;
  /** The next frame for which this holds. */
  until(holds: (data: Data) => boolean): Promise<Data>;
  end(): Promise<void>;
}

export async function aFloorApp({
  machines = 2,
  settings = {},
  egm = {},
  currency = 'USD',
}: {
  /** None are not looked for either: its line is driven by nobody. */
  machines?: number;
  settings?: Partial<Config>;
  /** What its machines are. */
  egm?: Omit<EgmOptions, 'address' | 'memory'>;
  /** What the venue and its machines count in. */
  currency?: string;
} = {}): Promise<FloorApp> {
  const { connection, floor } = await cloneDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-test-'));
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const { id: venueId } = await aVenue(runWork, { slug: 'casino', currency });
  for (const role of ROLES.filter((each) => each !== 'PARTNER' && each !== 'DEVICE'))
    await aUser(runWork, { venueId, roles: [role], username: role.toLowerCase() });
  await aUser(runWork, {
    venueId,
    roles: ['OPERATOR'],
    grants: [...ROLE_OF_GRANT.keys()],
    username: 'operator_with_grants',
  });
  const partner = await anApiKey(runWork, {
    venueId,
    scopes: ['VENUES_READ', 'MACHINES_READ'],
    eventTypes: ['machine.event-raised', 'machine.command-queued'],
  });
  const device = await aDevice(runWork, { venueId });
  const foreign = await aVenue(runWork, { slug: 'elsewhere' });
  await aUser(runWork, { venueId: foreign.id, roles: ['ADMIN'], username: 'foreign_admin' });
  const seeded = await aLine(runWork, { venueId, machines, port: 'line' });

  const egms = seeded.machines.map(({ address }) =>
    createEgm({ ...egm, address, memory: fileMemory(join(folder, `machine-${address}.json`)) }),
  );
  const tap = createTap();
  const line = await createSimulatedLine({
    egms,
    transport: { kind: 'PTY', path: join(folder, 'line') },
    faultsToEgms: tap.toEgms,
    faultsToHost: tap.toHost,
  });
  const config: Config = {
    // A new machine shows UTC: that its clock is set would come between what a test waits for.
    ...readConfig({
      PORT: '0',
      DEMO: '0',
      DATA_DIR: folder,
      LOG_LEVEL: 'trace',
      SAS_CLOCK_DRIFT: 'off',
      ...(machines === 0 && { SAS_DRIVES: 'none' }),
    }),
    databaseUrl: connection,
    databasePoolSize: 8,
    hashCost: HASH_COST,
    rateLimits: NO_RATE_LIMITS,
    // Long enough for a machine that waits for a processor: what comes of a command whose time is over is said where that is asked.
    commandTimeoutMs: 60_000,
    ...settings,
  };
  const lines: string[] = [];
  const logger = createLogger(config.logLevel, { write: (line) => void lines.push(line) });
  watchOutput('the log', () => lines.join(''));
  let app = await createApp(config, logger);
  const clients: Client[] = [];
  const tokens = new Map<Asker, string>([['PARTNER', partner.secret]]);

  afterAll(async () => {
    const events = await eventTexts(floor.db);
    watchOutput('the events', () => events);
    for (const client of clients) await client.dispose();
    await app[Symbol.asyncDispose]();
    await line[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function token(as: Asker): Promise<string> {
    const known = tokens.get(as);
    if (known) return known;
    const trace = { userAgent: 'test', address: '127.0.0.1' };
    const { auth } = app.services;
    const signedIn =
      as === 'DEVICE'
        ? await auth.authenticateDevice({ venue: 'casino', ...device }, trace)
        : await auth.login({ identifier: as.toLowerCase(), password: PASSWORD }, trace);
    noteSecrets(signedIn);
    const { accessToken } = signedIn;
    tokens.set(as, accessToken);
    return accessToken;
  }

  function client(as: Asker | null): Client {
    const made = createClient({
      // Who signs in for it does so before there is a socket: that is closed when its first message takes long.
      async url() {
        if (as) await token(as);
        return app.services.info.webSocketUrl;
      },
      webSocketImpl: WebSocket,
      connectionParams: async () => (as ? { accessToken: await token(as) } : {}),
      retryAttempts: 0,
    });
    clients.push(made);
    return made;
  }

  const floorApp: FloorApp = {
    egms,
    line,
    venueId,
    dataDir: folder,
    connection,
    heard: tap.heard,
    disturb: tap.disturb,
    machineIds: seeded.machines.map(({ id }) => Buffer.from(`Machine:${id}`).toString('base64url')),
    app: () => app,
    logged: () => lines.join(''),
    token,
    signInAgain: (as) => void (as !== 'PARTNER' && tokens.delete(as)),
    client,
    async restart() {
      await app[Symbol.asyncDispose]();
      app = await createApp(config, logger);
    },
    async ask(query, { as = 'OPERATOR', variables } = {}) {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(as && { authorization: `Bearer ${await token(as)}` }),
        },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as never;
    },
    async cursor() {
      return (await floorApp.ask('{ machineEvents(first: 1) { cursor } }')).data.machineEvents.cursor;
    },
    async online() {
      await eventually(async () => {
        const { data } = await floorApp.ask('{ machines { nodes { connection } } }');
        return data.machines.nodes.every(({ connection }: { connection: string }) => connection === 'ONLINE');
      });
    },
    follow(query, { as = 'OPERATOR', variables } = {}) {
      const frames = client(as).iterate({ query, ...(variables && { variables }) });
      return {
        async next() {
          const { value, done } = await withDeadline(frames.next(), 60_000, `a frame of ${query}`);
          if (done) throw new Error(`the stream ended: ${query}`);
          if (value.errors) throw new Error(JSON.stringify(value.errors));
          return value.data as never;
        },
        async until(holds) {
          const last: unknown[] = [];
          for (;;) {
            const data = await this.next().catch((error: Error) => {
              throw new Error(`${error.message}; the last frames: ${JSON.stringify(last.slice(-3))}`);
            });
            if (holds(data)) return data;
            last.push(data);
          }
        },
        async end() {
          await frames.return?.();
        },
      };
    },
  };
  return floorApp;
}

/** Everything the events say, on their way or on record. */
async function eventTexts(db: Kysely<Database>): Promise<string> {
  const logged = await db.selectFrom('event_log').select(['payload', 'actor']).execute();
  const waiting = await db.selectFrom('outbox').select(['payload', 'actor']).execute();
  return JSON.stringify([...logged, ...waiting]);
}

/** Long enough for what a test looks for, short enough to keep. */
const HEARD_SYMBOLS = 2_000;

function createTap() {
  const symbols: HeardSymbol[] = [];
  let change: Parameters<FloorApp['disturb']>[0] = null;
  const toEgms: Faults = (message, deliver) => {
    symbols.push(...message);
    symbols.splice(0, symbols.length - HEARD_SYMBOLS);
    deliver(message);
  };
  const toHost: Faults = (message, deliver) => deliver(change ? change(message) : message);
  return {
    toEgms,
    toHost,
    heard: () => formatSymbols(symbols),
    disturb(next: typeof change) {
      change = next;
    },
  };
}
