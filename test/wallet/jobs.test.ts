import { sql } from 'kysely';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { hashOf } from '../../src/idempotency.ts';
import { startHoldExpiry, startKeyRetention } from '../../src/wallet/jobs.ts';
import { expireHolds } from '../../src/wallet/ledger-service.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aDeposit, aHold, apply, aWallet, TELLER } from '../support/money.ts';

const { floor } = await cloneDatabase();
const HOUR_MS = 3_600_000;
let shiftMs = 0;
const runWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const onError = (error: unknown) => {
  throw error;
};
let venueId: string;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});

afterEach(() => {
  shiftMs = 0;
});

async function aWalletOnHold(expiresInSeconds: number): Promise<string> {
  const { id: walletId } = await aWallet(runWork, { venueId, balanceMinor: 500n });
  await apply(runWork, [aHold({ venueId, walletId, amountMinor: 200n, expiresInSeconds })]);
  return walletId;
}

const causesOf = async (walletId: string) =>
  (
    await sql<{ cause: string }>`
      select payload ->> 'cause' as cause from outbox
      where type = 'wallet.balance-changed' and payload ->> 'walletId' = ${walletId} order by id`.execute(
      floor.db,
    )
  ).rows.map(({ cause }) => cause);

const statesOf = async (walletId: string) =>
  (await floor.db.selectFrom('wallet_hold').select('state').where('account_id', '=', walletId).execute()).map(
    ({ state }) => state,
  );

test('a hold whose time is over is ended and announced, though nothing else happens to its wallet', async () => {
  const [over, lasting] = [await aWalletOnHold(60), await aWalletOnHold(7_200)];
  shiftMs = 61_000;
  await using _job = startHoldExpiry({ runWork, onError });
  await eventually(async () => (await statesOf(over)).includes('EXPIRED'));
  expect(await causesOf(over)).toEqual(['DEPOSIT', 'HOLD_PLACED', 'HOLD_EXPIRED']);
  expect([await statesOf(lasting), await causesOf(lasting)]).toEqual([
    ['PLACED'],
    ['DEPOSIT', 'HOLD_PLACED'],
  ]);
  const [wallet] = await findWalletsByIds(floor.db, venueId, [over]);
  expect(wallet).toMatchObject({ postedMinor: 500n, heldMinor: 0n, version: 4n });
});

test('processes that end the same holds at once announce each of them once', async () => {
  const wallets: string[] = [];
  while (wallets.length < 6) wallets.push(await aWalletOnHold(60));
  shiftMs = 61_000;
  await Promise.all(
    Array.from({ length: 4 }, () => runWork(TELLER, (work) => expireHolds(work, { wallets: 10 }))),
  );
  for (const wallet of wallets)
    expect(await causesOf(wallet)).toEqual(['DEPOSIT', 'HOLD_PLACED', 'HOLD_EXPIRED']);
});

test('the holds of so many wallets at most are ended at once, those over for longest first', async () => {
  const [late, early] = [await aWalletOnHold(120), await aWalletOnHold(60)];
  shiftMs = 121_000;
  const ended = () => runWork(TELLER, (work) => expireHolds(work, { wallets: 1 }));
  expect(await ended()).toBe(1);
  expect([await statesOf(late), await statesOf(early)]).toEqual([['PLACED'], ['EXPIRED']]);
  expect([await ended(), await ended()]).toEqual([1, 0]);
});

test('a key is forgotten when its retention is over, and not before', async () => {
  const { id: walletId } = await aWallet(runWork, { venueId });
  const keyed = (key: string) => ({
    ...aDeposit({ venueId, walletId, amountMinor: 10n }),
    idempotency: { principal: 'test', key, hash: hashOf({ key }) },
  });
  const replays = async (key: string) => {
    const [outcome] = await apply(runWork, [keyed(key)]);
    return outcome?.status === 'APPLIED' && outcome.isReplay;
  };
  await apply(runWork, [keyed('old')]);
  shiftMs = HOUR_MS;
  await apply(runWork, [keyed('young')]);
  shiftMs = 8 * HOUR_MS + 1;
  await using _job = startKeyRetention({ runWork, onError, retentionMs: 8 * HOUR_MS });
  await eventually(async () => {
    const keys = await floor.db.selectFrom('idempotency_key').select('key').execute();
    return !keys.some(({ key }) => key === 'old');
  });
  expect([await replays('young'), await replays('old')]).toEqual([true, false]);
});
