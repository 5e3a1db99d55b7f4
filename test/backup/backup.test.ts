import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { takeBackup } from '../../src/backup/backup.ts';
import { backupName } from '../../src/backup/backup-format.ts';
import { openBackup } from '../../src/backup/opened-backup.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { removeOldBackups } from '../../src/backup/rotation.ts';
import { inOrder } from '../../src/backup/tables.ts';
import { verifyAll } from '../../src/backup/verification.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { aFloorApp } from '../support/app.ts';
import { aDevice, PASSWORD } from '../support/builders.ts';
import { emptyDatabase } from '../support/database.ts';
import { aPushedLayout } from '../support/layout.ts';
import { aPosting, apply, aWallet } from '../support/money.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

const floor = await aFloorApp({ machines: 0 });
const { runWork, db } = floor.app().services;
const { venueId, connection } = floor;
const folder = await temporaryFolder();
const secretKeys = readConfig({ DATA_DIR: floor.dataDir });

async function restore(path: string, into: string) {
  await using backup = await openBackup(path, MIGRATIONS);
  return await restoreBackup(into, backup, { migrations: MIGRATIONS, secretKeys });
}

test('a backup taken under load, restored elsewhere, is one instant of it whose books and chains hold', async () => {
  const START = 10_000n;
  const wallets = await Promise.all(
    Array.from({ length: 4 }, () => aWallet(runWork, { venueId, balanceMinor: START })),
  );
  const ids = wallets.map(({ id }) => id);
  // A layout and its revisions name one another.
  const { id: deviceId } = await aDevice(runWork, { venueId });
  const shown = await aPushedLayout(runWork, { venueId, deviceIds: [deviceId] });
  const cursor = await floor.cursor();
  let isOver = false;
  let transfers = 0;
  const load = Array.from({ length: 4 }, async (_, at) => {
    while (!isOver) {
      const [from = '', to = ''] = [ids[at], ids[(at + 1) % ids.length]];
      await apply(runWork, [
        aPosting({ venueId, from: { walletId: from }, to: { walletId: to }, amountMinor: 7n }),
      ]);
      transfers += 1;
    }
  });
  while (transfers < 20) await new Promise((resolve) => setImmediate(resolve));
  const { path, rows } = await takeBackup(connection, folder);
  const atLeast = transfers;
  while (transfers < atLeast + 20) await new Promise((resolve) => setImmediate(resolve));
  isOver = true;
  await Promise.all(load);

  const elsewhere = await emptyDatabase();
  expect((await restore(path, elsewhere.connection)).rows).toBe(rows);
  await using restored = openDatabase({
    connection: elsewhere.connection,
    poolSize: 2,
    applicationName: 'restored',
  });
  expect((await verifyAll(restored.db)).filter(({ holds }) => !holds)).toEqual([]);
  const balances = (await findWalletsByIds(restored.db, venueId, ids)).map(({ postedMinor }) => postedMinor);
  expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(START * BigInt(ids.length));
  expect(await findDisplays(restored.db, venueId, [deviceId])).toMatchObject([
    { desired: { layoutId: shown.id, revision: 1 } },
  ]);
  const kept = await restored.db.selectFrom('ledger_transaction').select('id').execute();
  const all = await db.selectFrom('ledger_transaction').select('id').execute();
  expect(kept.length).toBeGreaterThan(20);
  expect(kept.length).toBeLessThan(all.length);

  await expect(restored.db.deleteFrom('ledger_entry').execute()).rejects.toMatchObject({
    constraint: 'ledger_append_only',
  });

  // It serves, goes on where the log stood, and knows no cursor from before.
  const settings = { PORT: '0', DEMO: '0', DATA_DIR: floor.dataDir, SAS_DRIVES: 'none', LOG_LEVEL: 'silent' };
  const config = { ...readConfig(settings), databaseUrl: elsewhere.connection };
  await using app = await createApp(config, createLogger('silent'));
  const ask = async (query: string, token?: string) => {
    const headers = {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    return await response.json();
  };
  const login = `mutation { login(input: { identifier: "admin", password: "${PASSWORD}", venue: "casino" }) { ... on LoginSuccess { accessToken } } }`;
  const token = (await ask(login)).data.login.accessToken;
  expect((await ask('{ ledgerCheck { balanced } }', token)).data.ledgerCheck.balanced).toBe(true);
  const refused = await ask(`{ events(after: "${cursor}") { cursor } }`, token);
  expect(refused.errors[0].extensions.code).toBe('WS_003');
  const posted = `mutation { postWalletTransaction(input: { idempotencyKey: "after", walletId: "${Buffer.from(`Wallet:${ids[0]}`).toString('base64url')}", kind: DEPOSIT, amount: "1", currency: "USD" }) { __typename } }`;
  expect((await ask(posted, token)).data.postWalletTransaction.__typename).toBe(
    'PostWalletTransactionSuccess',
  );
});

test('old backups go, but for the newest, and nothing else does', async () => {
  const kept = await temporaryFolder();
  const days = (count: number) => new Date(Date.UTC(2026, 0, 31) - count * 86_400_000);
  const names = [backupName(days(10)), backupName(days(5)), backupName(days(2)), backupName(days(2), 10)];
  for (const name of [...names, 'floorwire-notes.txt']) {
    await writeFile(join(kept, name), '');
    await writeFile(join(kept, `${name}.sha256`), '');
    // Not by when the file was touched: it may have been copied.
    await utimes(join(kept, name), new Date(), new Date());
  }
  const removed = await removeOldBackups(kept, { keepDays: 4, now: days(0) });
  expect(removed).toEqual([names[1], names[0]]);
  const left = [...names.slice(2), 'floorwire-notes.txt'];
  expect(await readdir(kept)).toEqual(left.flatMap((name) => [name, `${name}.sha256`]).sort());
  // Of two of one second the last is the newest.
  expect(await removeOldBackups(kept, { keepDays: 1, now: days(-100) })).toEqual([names[2]]);
});

test('a table comes behind those it refers to', () => {
  const references = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ];
  expect(inOrder(['a', 'b', 'c'], references)).toEqual(['c', 'b', 'a']);
  expect(() => inOrder(['a', 'b'], [...references, { from: 'b', to: 'a' }])).toThrow('in a circle: a, b');
});
