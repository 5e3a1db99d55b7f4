import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { startRush } from '../support/bank-rush.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient, signInOver } from '../support/http-client.ts';
import { aWallet } from '../support/money.ts';
import { startMortalServer } from '../support/mortal-server.ts';
import { startResumingReader } from '../support/resuming-reader.ts';
import { report, sized } from '../support/soak.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const WORKERS = 64;
const WALLETS = 12;
const ORDERS = sized({ test: 300, soak: 60_000 });
const KILLS = sized({ test: 1, soak: 40 });
const OPENING_MINOR = 500_00n;
/** At whichever moment of a posting the kill falls. */
const MOMENT_MS = 250;
const CALM_MS = 60_000;
const TIMEOUT_MS = sized({ test: 300_000, soak: 3_600_000 });

const { connection, floor } = await cloneDatabase();
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);
await aUser(runWork, { venueId, roles: ['ADMIN'], username: 'admin' });
const walletIds: string[] = [];
while (walletIds.length < WALLETS)
  walletIds.push(
    encodeGlobalId('Wallet', (await aWallet(runWork, { venueId, balanceMinor: OPENING_MINOR })).id),
  );
const server = await startMortalServer({ DATABASE_URL: connection, DATA_DIR: await temporaryFolder() });
afterAll(() => server.stop());

interface Shown {
  readonly version: string;
  readonly balance: { readonly amount: string };
  readonly available: { readonly amount: string };
}

/** Follows all wallets, notes what is wrong with a frame, and keeps the last of each. */
function follow(token: string, after: string) {
  const last = new Map<string, Shown>();
  const faults: string[] = [];
  const reader = startResumingReader({
    url: () => server.webSocketUrl,
    token,
    query: `subscription ($after: Cursor!) { balance(after: $after) {
      id: walletId cursor version balance { amount } available { amount } } }`,
    after,
    onFrame(_reader, { id, ...frame }) {
      const shown = frame as unknown as Shown;
      const before = last.get(id);
      if (before && BigInt(shown.version) !== BigInt(before.version) + 1n)
        faults.push(`${id}: version ${shown.version} behind ${before.version}`);
      if (Number(shown.balance.amount) < 0 || Number(shown.available.amount) < 0)
        faults.push(`${id}: it showed ${JSON.stringify(shown)}`);
      last.set(id, shown);
    },
  });
  return { reader, last, faults };
}

test('64 callers, two wallets in demand, hang-ups and kills: every order has one outcome, and no cent is lost', {
  timeout: TIMEOUT_MS,
}, async () => {
  const token = await signInOver(server.url, { identifier: 'admin', password: PASSWORD });
  const ask = async (query: string) =>
    (await httpClient(server.url).ask(query, { authorization: `Bearer ${token}` })).body.data;
  const { wallet } = await ask(`{ wallet(id: "${walletIds[0]}") { cursor } }`);
  const following = follow(token, wallet.cursor);
  const rush = startRush({ server, token, walletIds, workers: WORKERS, orders: ORDERS });
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await eventually(() => rush.done >= (ORDERS * kill) / (KILLS + 1), { deadlineMs: TIMEOUT_MS });
    await pause(Math.random() * MOMENT_MS);
    await server.kill();
  }
  const outcome = await rush.finished;
  report(
    `${KILLS} kills, ${outcome.transfers} transfers, ${outcome.refused} refusals, ${outcome.aborted} hang-ups`,
  );
  expect(outcome.faults).toEqual([]);
  expect(Math.min(outcome.transfers, outcome.refused, outcome.aborted)).toBeGreaterThan(0);

  const heldOf = async () =>
    (await sql<{ held: bigint }>`select sum(held)::bigint as held from ledger_account`.execute(floor.db))
      .rows[0]?.held;
  await eventually(async () => (await heldOf()) === 0n, { deadlineMs: CALM_MS });

  const { ledgerCheck } = await ask('{ ledgerCheck { balanced faults { kind } } }');
  expect(ledgerCheck).toEqual({ balanced: true, faults: [] });
  const { rows } = await sql<Record<'transfers' | 'keys' | 'overdrawn' | 'total', bigint>>`
    select (select count(*) from ledger_transaction where kind = 'TRANSFER') as transfers,
      (select count(*) from idempotency_key where key like 'order-%') as keys,
      (select count(*) from ledger_entry join ledger_account on id = account_id
        where ledger_account.kind = 'WALLET' and balance_after < 0) as overdrawn,
      (select sum(balance)::bigint from ledger_account where kind = 'WALLET') as total`.execute(floor.db);
  expect(rows).toEqual([
    {
      transfers: BigInt(outcome.transfers),
      keys: BigInt(ORDERS),
      overdrawn: 0n,
      total: OPENING_MINOR * BigInt(WALLETS),
    },
  ]);

  const { wallets } = await ask(
    '{ wallets(first: 50) { nodes { id version posted { amount } available { amount } } } }',
  );
  const queried = Object.fromEntries(
    wallets.nodes.map(({ id, version, posted, available }: Readonly<Record<string, unknown>>) => [
      id,
      { version, balance: posted, available },
    ]),
  );
  const versionsOf = (shown: Readonly<Record<string, { readonly version: string }>>) =>
    JSON.stringify(walletIds.map((id) => shown[id]?.version));
  await eventually(() => versionsOf(Object.fromEntries(following.last)) === versionsOf(queried), {
    deadlineMs: CALM_MS,
  });
  await following.reader.end();
  const streamed = Object.fromEntries(
    [...following.last].map(([id, { version, balance, available }]) => [id, { version, balance, available }]),
  );
  expect(streamed).toEqual(queried);
  expect(following.faults).toEqual([]);
  expect(following.reader.refusal).toBeNull();
  report(`the reader came back ${following.reader.sessions - 1} times`);
});
