import { fileURLToPath } from 'node:url';
import { authSettingsOf } from '../../src/app/auth-settings.ts';
import { createAuth } from '../../src/auth/service.ts';
import { createUser } from '../../src/auth/user-service.ts';
import { createVenue } from '../../src/auth/venue-service.ts';
import { readConfig } from '../../src/config.ts';
import {
  APP_ROLE,
  type Connection,
  closeClient,
  connectClient,
  openDatabase,
} from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { system } from '../../src/lib/actor.ts';
import { checkLedger } from '../../src/wallet/ledger-check.ts';
import { openWallet } from '../../src/wallet/wallet-service.ts';
import { createRunWork } from '../../src/work.ts';
import { connectionTo } from '../../test/support/database-url.ts';
import { aDeposit, apply } from '../../test/support/money.ts';
import { ROOM_FOR_A_CROWD } from '../../test/support/room.ts';

const BENCH = system('bench');
const PASSWORD = 'a plank on two stones';
const OPENING_MINOR = 1_000_000_000_00n;
const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** A database with a venue, its ADMIN and wallets of players. */
export interface Bank extends AsyncDisposable {
  readonly connection: Connection;
  readonly venueId: string;
  readonly token: string;
  /** For a server on it: the limits are those of the environment, and nothing of it is bypassed. */
  readonly environment: Readonly<Record<string, string>>;
  /** As the database has them. The first one is the hot one. */
  readonly walletIds: readonly string[];
  /** Adds up the books. @throws Error when they are wrong, or not this many transfers are in them */
  verify(transfers: number): Promise<void>;
  /** Runs SQL as the owner of the tables. */
  asOwner(statement: string, values?: readonly unknown[]): Promise<void>;
}

/** In a cluster that is there, beside other banks. */
export async function createBank(
  cluster: Connection,
  { name, folder, wallets }: { readonly name: string; readonly folder: string; readonly wallets: number },
): Promise<Bank> {
  await runAs(cluster, `create database ${name}`);
  const connection = connectionTo(cluster, name);
  await migrate(connection, MIGRATIONS);
  const environment = {
    DATABASE_URL: connection,
    DATA_DIR: folder,
    PORT: '0',
    DEMO: '0',
    LOG_LEVEL: 'error',
    ...ROOM_FOR_A_CROWD,
  };
  const database = openDatabase({ connection, poolSize: 4, applicationName: 'bench', role: APP_ROLE });
  const { db } = database;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const auth = await createAuth({ ...authSettingsOf(readConfig(environment)), db, runWork });
  const passwordHash = await auth.hashPassword(PASSWORD);
  const { id: venueId } = await runWork(BENCH, async (work) => {
    const venue = { slug: 'bench', name: 'Bench', timeZone: 'Europe/Vienna', currency: 'USD' };
    const made = await createVenue(work, venue);
    const admin = { email: 'bench@bench.example', username: 'bench', roles: ['ADMIN'] } as const;
    await createUser(work, { ...admin, venueId: made.id, passwordHash });
    return made;
  });
  const walletIds = await runWork(BENCH, async (work) => {
    const opened: string[] = [];
    for (let at = 0; at < wallets; at += 1) {
      const player = { email: `${at}@bench.example`, username: `player-${at}`, roles: ['PLAYER'] } as const;
      const { id: userId } = await createUser(work, { ...player, venueId, passwordHash });
      opened.push((await openWallet(work, { venueId, userId, currency: 'USD' })).id);
    }
    return opened;
  });
  await apply(
    runWork,
    walletIds.map((walletId) => aDeposit({ venueId, walletId, amountMinor: OPENING_MINOR })),
  );
  const { accessToken: token } = await auth.login(
    { identifier: 'bench', password: PASSWORD },
    { userAgent: 'bench', address: '127.0.0.1' },
  );

  async function verify(transfers: number): Promise<void> {
    const { faults } = await checkLedger({ db, actor: BENCH, now: new Date() }, venueId);
    if (faults.length > 0) throw new Error(`${name}: the books are wrong: ${JSON.stringify(faults, plain)}`);
    const { count, keys } = await db
      .selectFrom('ledger_transaction')
      .select(({ fn, selectFrom }) => [
        fn.countAll<bigint>().as('count'),
        selectFrom('idempotency_key').select(fn.countAll<bigint>().as('keys')).as('keys'),
      ])
      .where('kind', '=', 'TRANSFER')
      .executeTakeFirstOrThrow();
    if (Number(count) !== transfers || Number(keys) !== transfers)
      throw new Error(`${name}: ${transfers} transfers were acknowledged, ${count} made by ${keys} keys`);
  }

  return {
    connection,
    venueId,
    token,
    environment,
    walletIds,
    verify,
    asOwner: (statement, values) => runAs(connection, statement, values),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

async function runAs(connection: Connection, statement: string, values: readonly unknown[] = []) {
  const client = await connectClient(connection, {
    applicationName: 'bench owner',
    statementTimeoutMs: 600_000,
  });
  try {
    await client.query(statement, [...values]);
  } finally {
    await closeClient(client);
  }
}

const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
