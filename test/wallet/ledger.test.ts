import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { hashOf } from '../../src/idempotency.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { LedgerCommand, Post } from '../../src/wallet/ledger.ts';
import { applyToLedger } from '../../src/wallet/ledger-service.ts';
import { createPostingQueue } from '../../src/wallet/posting-queue.ts';
import { setWalletStatus } from '../../src/wallet/wallet-service.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aDeposit, aHold, aPosting, apply as applyTo, aWallet as openedWallet } from '../support/money.ts';

const { floor, connection } = await cloneDatabase();
const owner = openDatabase({ connection, poolSize: 2, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());
let shiftMs = 0;
const runWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const TELLER = system('teller');
let venueId: string;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});

const aWallet = async (balanceMinor = 0n, currency = 'USD') =>
  (await openedWallet(runWork, { venueId, balanceMinor, currency })).id;

const post = (fields: Pick<Post, 'from' | 'to' | 'amountMinor'> & Partial<Post>) =>
  aPosting({ venueId, ...fields });

const deposit = (walletId: string, amountMinor: bigint, fields: Partial<Post> = {}) =>
  aDeposit({ venueId, walletId, amountMinor, ...fields });

const transfer = (from: string, to: string, amountMinor: bigint, fields: Partial<Post> = {}) =>
  post({ from: { walletId: from }, to: { walletId: to }, amountMinor, ...fields });

const hold = (walletId: string, amountMinor: bigint, expiresInSeconds = 60) =>
  aHold({ venueId, walletId, amountMinor, expiresInSeconds });

const capture = (holdId: string, amountMinor: bigint | null) =>
  ({
    op: 'CAPTURE',
    id: newId(),
    venueId,
    idempotency: null,
    author: null,
    purpose: 'CALLER',
    holdId,
    kind: 'BET',
    to: { house: 'BETS' },
    ownerId: null,
    amountMinor,
    currency: 'USD',
    forced: false,
    reason: null,
    reference: null,
  }) as const;

const voiding = (holdId: string) =>
  ({
    op: 'VOID',
    venueId,
    idempotency: null,
    author: null,
    purpose: 'CALLER',
    holdId,
    ownerId: null,
  }) as const;

const reversal = (reversesId: string) =>
  ({
    op: 'REVERSE',
    id: newId(),
    venueId,
    idempotency: null,
    author: null,
    kind: 'REVERSAL',
    reversesId,
    effectiveAt: null,
    forced: false,
    reason: 'a mistake',
    reference: null,
  }) as const;

const keyed = <C extends LedgerCommand>(command: C, key: string, meaning: object = {}): C => ({
  ...command,
  idempotency: { principal: 'test', key, hash: hashOf({ ...meaning }) },
});

const apply = (commands: readonly LedgerCommand[]) => applyTo(runWork, commands);
const statusesOf = async (commands: readonly LedgerCommand[]) =>
  (await apply(commands)).map(({ status }) => status);

async function fundsOf(walletId: string) {
  const [wallet] = await findWalletsByIds(floor.db, venueId, [walletId]);
  return wallet && { posted: wallet.postedMinor, held: wallet.heldMinor };
}

const eventsOf = async (walletId: string) =>
  (
    await sql<{ payload: { cause: string; postedMinor: string } }>`
      select payload from (
        select payload, id as place, false as is_logged from outbox where type = 'wallet.balance-changed'
        union all select payload, position, true from event_log where type = 'wallet.balance-changed'
      ) events where payload ->> 'walletId' = ${walletId} order by is_logged desc, place`.execute(owner.db)
  ).rows.map(({ payload }) => payload);

test('a transfer moves money from one wallet to the other, and each is told of it once', async () => {
  const [from, to] = [await aWallet(1000n), await aWallet()];
  expect(await statusesOf([transfer(from, to, 300n)])).toEqual(['APPLIED']);
  expect([await fundsOf(from), await fundsOf(to)]).toEqual([
    { posted: 700n, held: 0n },
    { posted: 300n, held: 0n },
  ]);
  expect((await eventsOf(to)).map(({ cause, postedMinor }) => [cause, postedMinor])).toEqual([
    ['TRANSFER', '300'],
  ]);
});

test('commands of one call see what those before them left', async () => {
  const [a, b, c] = [await aWallet(100n), await aWallet(), await aWallet()];
  const commands = [transfer(a, b, 100n), transfer(b, c, 60n), transfer(a, c, 1n), transfer(b, c, 41n)];
  expect(await statusesOf(commands)).toEqual([
    'APPLIED',
    'APPLIED',
    'INSUFFICIENT_FUNDS',
    'INSUFFICIENT_FUNDS',
  ]);
  expect(await Promise.all([a, b, c].map(fundsOf))).toEqual([
    { posted: 0n, held: 0n },
    { posted: 40n, held: 0n },
    { posted: 60n, held: 0n },
  ]);
});

test('a key has one outcome for ever, a refusal too', async () => {
  const [from, to] = [await aWallet(100n), await aWallet()];
  const first = await apply([keyed(transfer(from, to, 60n), 'k1'), keyed(transfer(from, to, 60n), 'k2')]);
  expect(first.map(({ status }) => status)).toEqual(['APPLIED', 'INSUFFICIENT_FUNDS']);
  await apply([deposit(from, 1000n)]);
  const again = await apply([keyed(transfer(from, to, 60n), 'k1'), keyed(transfer(from, to, 60n), 'k2')]);
  expect(again[0]).toEqual({ ...first[0], isReplay: true });
  expect(again[1]).toEqual(first[1]);
  expect(await statusesOf([keyed(transfer(from, to, 61n), 'k1', { amount: '61' })])).toEqual([
    'IDEMPOTENCY_MISMATCH',
  ]);
  expect(await fundsOf(to)).toEqual({ posted: 60n, held: 0n });
  expect((await eventsOf(to)).map(({ cause }) => cause)).toEqual(['TRANSFER']);
});

test('a key twice in one call is done once', async () => {
  const [from, to] = [await aWallet(100n), await aWallet()];
  const twice = await apply([
    keyed(transfer(from, to, 10n), 'same'),
    keyed(transfer(from, to, 10n), 'same'),
    keyed(transfer(from, to, 10n), 'same', { other: true }),
  ]);
  expect(twice.map(({ status }) => status)).toEqual(['APPLIED', 'APPLIED', 'IDEMPOTENCY_MISMATCH']);
  expect(await fundsOf(to)).toEqual({ posted: 10n, held: 0n });
  expect(await eventsOf(to)).toHaveLength(1);
});

test('a key that is under way elsewhere is waited for', async () => {
  const [from, to] = [await aWallet(100n), await aWallet()];
  const attempts = Array.from({ length: 8 }, () => apply([keyed(transfer(from, to, 100n), 'race')]));
  const outcomes = (await Promise.all(attempts)).flat();
  expect(outcomes.filter((each) => each.status === 'APPLIED' && !each.isReplay)).toHaveLength(1);
  expect(outcomes.filter((each) => each.status === 'APPLIED' && each.isReplay)).toHaveLength(7);
});

test('a hundred bets at once never spend more than there is', async () => {
  const wallet = await aWallet(1_000n);
  const bets = Array.from({ length: 100 }, () =>
    apply([post({ from: { walletId: wallet }, to: { house: 'BETS' }, amountMinor: 30n, kind: 'BET' })]),
  );
  const statuses = (await Promise.all(bets)).flat().map(({ status }) => status);
  expect(statuses.filter((status) => status === 'APPLIED')).toHaveLength(33);
  expect(await fundsOf(wallet)).toEqual({ posted: 10n, held: 0n });
});

test('opposite transfers at once both happen', async () => {
  const [a, b] = [await aWallet(1_000n), await aWallet(1_000n)];
  const crossing = Array.from({ length: 20 }, (_, index) =>
    apply([index % 2 === 0 ? transfer(a, b, 7n) : transfer(b, a, 7n)]),
  );
  const outcomes = (await Promise.all(crossing)).flat();
  expect(outcomes.every(({ status }) => status === 'APPLIED')).toBe(true);
  expect(await fundsOf(a)).toEqual({ posted: 1_000n, held: 0n });
});

test('what a hold claims cannot be spent, and a part of it can be captured', async () => {
  const wallet = await aWallet(100n);
  const placed = hold(wallet, 80n);
  const bet = (amountMinor: bigint) =>
    post({ from: { walletId: wallet }, to: { house: 'BETS' }, amountMinor, kind: 'BET' });
  expect(await statusesOf([placed, bet(21n), bet(20n)])).toEqual([
    'APPLIED',
    'INSUFFICIENT_FUNDS',
    'APPLIED',
  ]);
  expect(await fundsOf(wallet)).toEqual({ posted: 80n, held: 80n });
  expect(await statusesOf([capture(placed.id, 81n), capture(placed.id, 50n), voiding(placed.id)])).toEqual([
    'HOLD_EXCEEDED',
    'APPLIED',
    'HOLD_CAPTURED',
  ]);
  expect(await fundsOf(wallet)).toEqual({ posted: 30n, held: 0n });
});

test('a hold that has expired claims nothing, and cannot be captured', async () => {
  const wallet = await aWallet(100n);
  const placed = hold(wallet, 100n, 60);
  await apply([placed]);
  shiftMs = 61_000;
  const other = await aWallet();
  expect(await statusesOf([transfer(wallet, other, 100n), capture(placed.id, null)])).toEqual([
    'APPLIED',
    'HOLD_EXPIRED',
  ]);
  shiftMs = 0;
  expect((await eventsOf(wallet)).map(({ cause }) => cause)).toEqual([
    'DEPOSIT',
    'HOLD_PLACED',
    'HOLD_EXPIRED',
    'TRANSFER',
  ]);
});

test.each(['AFT', 'BOOKING'] as const)('a caller ends no hold of %s, nor that one his', async (purpose) => {
  const wallet = await aWallet(100n);
  const [theirs, his] = [{ ...hold(wallet, 60n), purpose }, hold(wallet, 40n)];
  await apply([theirs, his]);
  const commands = [
    capture(theirs.id, null),
    voiding(theirs.id),
    { ...capture(his.id, null), purpose },
    { ...voiding(his.id), purpose },
  ];
  expect(await statusesOf(commands)).toEqual(commands.map(() => 'HOLD_OF_TRANSFER'));
  expect(await fundsOf(wallet)).toEqual({ posted: 100n, held: 100n });
});

test('a hold ends in the very instant that it lasts until', async () => {
  const wallet = await aWallet(100n);
  const placed = hold(wallet, 100n, 60);
  const begins = new Date();
  const at = (ms: number, commands: readonly LedgerCommand[]) =>
    runWork(TELLER, (work) => applyToLedger({ ...work, now: new Date(begins.getTime() + ms) }, commands));
  await at(0, [placed]);
  expect((await at(59_999, [hold(wallet, 1n)])).map(({ status }) => status)).toEqual(['INSUFFICIENT_FUNDS']);
  expect((await at(60_000, [capture(placed.id, null)])).map(({ status }) => status)).toEqual([
    'HOLD_EXPIRED',
  ]);
});

test('a transaction is reversed once, by another one', async () => {
  const [from, to] = [await aWallet(100n), await aWallet()];
  const moved = transfer(from, to, 40n);
  await apply([moved]);
  const back = reversal(moved.id);
  expect(await statusesOf([back, reversal(moved.id)])).toEqual(['APPLIED', 'REVERSED_ALREADY']);
  expect(await statusesOf([reversal(moved.id), reversal(back.id), reversal(newId())])).toEqual([
    'REVERSED_ALREADY',
    'NOT_REVERSIBLE',
    'NOT_FOUND',
  ]);
  expect(await fundsOf(from)).toEqual({ posted: 100n, held: 0n });
});

test.each(['AFT_TO_MACHINE', 'AFT_FROM_MACHINE'] as const)('%s is not reversed', async (kind) => {
  const wallet = await aWallet(100n);
  const [purse, machines] = [{ walletId: wallet }, { house: 'MACHINES' }] as const;
  const parties = kind === 'AFT_TO_MACHINE' ? { from: purse, to: machines } : { from: machines, to: purse };
  const moved = post({ ...parties, amountMinor: 40n, kind });
  await apply([moved]);
  expect(await statusesOf([{ ...reversal(moved.id), forced: true }])).toEqual(['NOT_REVERSIBLE']);
});

test('what is spent or held is not taken back', async () => {
  const wallet = await aWallet();
  const given = deposit(wallet, 100n);
  await apply([given, hold(wallet, 1n)]);
  const back = () => apply([{ ...reversal(given.id), forced: true }]);
  const refused = { status: 'INSUFFICIENT_FUNDS', available: { availableMinor: 99n, currency: 'USD' } };
  expect(await back()).toEqual([refused]);
  expect(await fundsOf(wallet)).toEqual({ posted: 100n, held: 1n });
});

test('money of one currency does not become money of another', async () => {
  const [dollars, euros] = [await aWallet(100n), await aWallet(100n, 'EUR')];
  expect(
    await statusesOf([
      transfer(dollars, euros, 10n),
      deposit(dollars, 10n, { currency: 'EUR' }),
      deposit(dollars, 10n, { currency: 'JPY' }),
    ]),
  ).toEqual(['CURRENCY_MISMATCH', 'CURRENCY_MISMATCH', 'CURRENCY_MISMATCH']);
});

test('an amount of another currency than the wallet’s moves, claims and pays nothing', async () => {
  const [from, to] = [await aWallet(100n), await aWallet()];
  const placed = hold(from, 50n);
  await apply([placed]);
  const commands: readonly LedgerCommand[] = [
    transfer(from, to, 10n, { currency: 'JPY' }),
    { ...hold(from, 10n), currency: 'JPY' },
    { ...capture(placed.id, 10n), currency: 'JPY' },
    { ...capture(placed.id, null), currency: 'JPY' },
  ];
  expect(await statusesOf(commands)).toEqual(commands.map(() => 'CURRENCY_MISMATCH'));
  expect(await fundsOf(from)).toEqual({ posted: 100n, held: 50n });
});

test('what is not there, or of another venue, or another’s, is not found', async () => {
  const [from, to] = [await aWallet(100n), await aWallet()];
  const elsewhere = (await aVenue(runWork)).id;
  expect(
    await statusesOf([
      transfer(newId(), to, 1n),
      transfer(from, newId(), 1n),
      transfer(from, to, 1n, { venueId: elsewhere }),
      transfer(from, to, 1n, { ownerId: newId() }),
      { ...hold(from, 1n), ownerId: newId() },
      voiding(newId()),
      transfer(from, from, 1n),
    ]),
  ).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'SAME_ACCOUNT']);
});

test('one venue moves, claims and frees no money of another', async () => {
  const [wallet, ours] = [await aWallet(100n), await aWallet(100n)];
  const [placed, moved] = [hold(wallet, 30n), transfer(wallet, ours, 10n)];
  await apply([placed, moved]);
  const elsewhere = (await aVenue(runWork)).id;
  const theirs = (await openedWallet(runWork, { venueId: elsewhere, balanceMinor: 100n })).id;
  const commands: readonly LedgerCommand[] = [
    post({ from: { walletId: wallet }, to: { house: 'CASH' }, amountMinor: 1n }),
    deposit(wallet, 1n),
    transfer(wallet, theirs, 1n),
    transfer(theirs, wallet, 1n),
    hold(wallet, 1n),
    capture(placed.id, 1n),
    voiding(placed.id),
    reversal(moved.id),
  ];
  const statuses = await statusesOf(commands.map((command) => ({ ...command, venueId: elsewhere })));
  expect(statuses).toEqual(commands.map(() => 'NOT_FOUND'));
  expect(await fundsOf(wallet)).toEqual({ posted: 90n, held: 30n });
});

test('an account of the venue is no wallet', async () => {
  const wallet = await aWallet(100n);
  const { id: house } = await floor.db
    .selectFrom('ledger_account')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('kind', '=', 'CASH')
    .where('currency', '=', 'USD')
    .executeTakeFirstOrThrow();
  const commands = [transfer(house, wallet, 1n), transfer(wallet, house, 1n), hold(house, 1n)];
  expect(await statusesOf(commands)).toEqual(commands.map(() => 'NOT_FOUND'));
  expect(await fundsOf(wallet)).toEqual({ posted: 100n, held: 0n });
});

test('what is posted after the status of a wallet changed is not posted before what was', async () => {
  const wallet = await aWallet();
  const change = { venueId, walletId: wallet, reason: 'x', expectedVersion: null } as const;
  await at(60_000, () => apply([deposit(wallet, 1n)]));
  // They began before, and came to the wallet after.
  for (const status of ['FROZEN', 'ACTIVE'] as const)
    await at(0, () => runWork(TELLER, (work) => setWalletStatus(work, { ...change, status })));
  await at(30_000, () => apply([deposit(wallet, 1n)]));
  expect(await isOrdered(wallet)).toBe(true);
});

test('what came late to either wallet is not posted before what was', async () => {
  const [early, late] = [await aWallet(100n), await aWallet(100n)];
  await at(60_000, () => apply([deposit(late, 1n)]));
  await at(30_000, () => apply([transfer(early, late, 1n)]));
  await at(20_000, () => apply([transfer(early, late, 1n), transfer(late, early, 1n)]));
  expect([await isOrdered(early), await isOrdered(late)]).toEqual([true, true]);
});

async function at(ms: number, task: () => Promise<unknown>): Promise<void> {
  shiftMs = ms;
  await task().finally(() => {
    shiftMs = 0;
  });
}

/** Whether its entries were posted in their order. */
async function isOrdered(walletId: string): Promise<boolean | undefined> {
  const { rows } = await sql<{ isOrdered: boolean }>`
    select bool_and(posted_at >= before) as "isOrdered" from (
      select posted_at, coalesce(lag(posted_at) over (order by version), posted_at) as before
      from ledger_entry join ledger_transaction on ledger_transaction.id = transaction_id
      where account_id = ${walletId}) as entry`.execute(floor.db);
  return rows[0]?.isOrdered;
}

test('nothing grows beyond what can be counted', async () => {
  const wallet = await aWallet(0n, 'KWD');
  const most = 9_000_000_000_000_000_000n;
  const dinars = { currency: 'KWD' };
  const another = await aWallet(0n, 'KWD');
  const commands = [deposit(wallet, most, dinars), deposit(wallet, 1n, dinars)];
  // The venue's own account has come to its other end.
  commands.push(deposit(another, 1n, dinars));
  expect(await statusesOf(commands)).toEqual(['APPLIED', 'BALANCE_LIMIT', 'BALANCE_LIMIT']);
});

test('entries follow each other without a hole, and add up to the balance', async () => {
  const wallet = await aWallet(500n);
  const other = await aWallet();
  await Promise.all(
    Array.from({ length: 10 }, () => apply([transfer(wallet, other, 5n), transfer(other, wallet, 2n)])),
  );
  const entries = await floor.db
    .selectFrom('ledger_entry')
    .selectAll()
    .where('account_id', '=', wallet)
    .orderBy('version')
    .execute();
  let balance = 0n;
  for (const [index, entry] of entries.entries()) {
    balance += entry.amount;
    expect([entry.version, entry.balance_after]).toEqual([BigInt(index + 1), balance]);
  }
  expect(balance).toBe(470n);
});

test.each([
  ['an entry is changed', sql`update ledger_entry set amount = amount + 1`, 'ledger_append_only'],
  ['a transaction is deleted', sql`delete from ledger_transaction`, 'ledger_append_only'],
  ['the entries are emptied', sql`truncate ledger_entry`, 'ledger_append_only'],
  [
    'an entry is added to a transaction',
    sql`insert into ledger_entry select account_id, version + 1000, transaction_id, venue_id, currency, 1, balance_after, now()
      from ledger_entry limit 1`,
    'ledger_transaction_balanced',
  ],
  [
    'a transaction has no entry',
    sql`insert into ledger_transaction (id, venue_id, kind, currency, amount, posted_at, effective_at, actor)
      select gen_random_uuid(), venue_id, 'DEPOSIT', 'USD', 1, now(), now(), '{}' from ledger_transaction limit 1`,
    'ledger_transaction_balanced',
  ],
  [
    'a wallet is overdrawn',
    sql`update ledger_account set balance = -1, held = 0 where kind = 'WALLET'`,
    'ledger_account_balance',
  ],
  [
    'more is held than is there',
    sql`update ledger_account set held = balance + 1 where kind = 'WALLET'`,
    'ledger_account_held',
  ],
])('the database refuses, even from its owner, that %s', async (_what, statement, constraint) => {
  await apply([deposit(await aWallet(), 5n)]);
  await expect(statement.execute(owner.db)).rejects.toMatchObject({ constraint });
});

test('the application itself cannot write money', async () => {
  for (const statement of [
    sql`update ledger_account set balance = balance + 1`,
    sql`insert into ledger_entry select * from ledger_entry limit 1`,
    sql`insert into wallet_hold select * from wallet_hold limit 1`,
  ])
    await expect(statement.execute(floor.db)).rejects.toMatchObject({ code: '42501' });
});

test('what stands alone waits for nothing, and what waits goes together', async () => {
  const wallet = await aWallet();
  let works = 0;
  const queue = createPostingQueue({
    runWork: (...task) => {
      works += 1;
      return runWork(...task);
    },
  });
  const author = { actor: TELLER, origin: { requestId: 'r', address: null } };
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      queue.apply({ ...keyed(deposit(wallet, 1n), `q${index}`), author }),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 'APPLIED'));
  expect(works).toBe(2);
  expect(await fundsOf(wallet)).toEqual({ posted: 50n, held: 0n });
  expect(await eventsOf(wallet)).toHaveLength(50);
});

test('one that makes the call fail takes no other with it', async () => {
  const wallet = await aWallet();
  const queue = createPostingQueue({ runWork });
  const author = { actor: TELLER, origin: null };
  const settled = await Promise.allSettled([
    queue.apply({ ...deposit(wallet, 1n), author }),
    queue.apply({ ...deposit(wallet, 1n), author }),
    // The kind is none: the database refuses the whole call.
    queue.apply({ ...deposit(wallet, 1n), kind: 'NONSENSE' as 'DEPOSIT', author }),
    queue.apply({ ...deposit(wallet, 1n), author }),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await fundsOf(wallet)).toEqual({ posted: 3n, held: 0n });
});
