import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { aWallet } from '../support/money.ts';

const floor = await aFloorApp({ machines: 0 });
const { db } = floor.app().services;
const runWork = createRunWork({ db, onEvents: () => {} });
const [owner, friend] = [
  await aUser(runWork, { venueId: floor.venueId }),
  await aUser(runWork, { venueId: floor.venueId }),
];
const CURRENCIES = ['USD', 'JPY', 'KWD'];
const walletsOf = await walletsBy(owner.id);
const friendsWallets = await walletsBy(friend.id);

/** One in each currency, with a lot in it. */
async function walletsBy(userId: string): Promise<ReadonlyMap<string, string>> {
  const wallets = new Map<string, string>();
  for (const currency of CURRENCIES) {
    const terms = { venueId: floor.venueId, userId, currency };
    const { id: walletId } = await aWallet(runWork, { ...terms, balanceMinor: 10n ** 17n });
    wallets.set(currency, encodeGlobalId('Wallet', walletId));
  }
  return wallets;
}

let keys = 0;

interface HostileAmount {
  readonly what: string;
  /** As JSON, or as it stands in a document: the same, unless `literal` says otherwise. */
  readonly amount: unknown;
  readonly literal?: string;
  readonly currency?: string;
}

const HOSTILE: readonly HostileAmount[] = [
  { what: 'an exponent', amount: '1e2' },
  { what: 'an exponent in capitals', amount: '1E2' },
  { what: 'an exponent beyond any number', amount: '1e400' },
  { what: 'a negative exponent', amount: '100e-2' },
  { what: 'not a number', amount: 'NaN' },
  { what: 'infinity', amount: 'Infinity' },
  { what: 'less than nothing', amount: '-1.00' },
  { what: 'a negative zero', amount: '-0' },
  { what: 'a negative zero with decimals', amount: '-0.00' },
  { what: 'nothing', amount: '0' },
  { what: 'nothing with decimals', amount: '0.00' },
  { what: 'a plus sign', amount: '+1.00' },
  { what: 'a third decimal of dollars', amount: '1.001' },
  { what: 'a third decimal that is nought', amount: '1.000' },
  { what: 'a fifth decimal', amount: '1.00001' },
  { what: 'a decimal of yen', amount: '1.5', currency: 'JPY' },
  { what: 'a decimal of yen that is nought', amount: '1.0', currency: 'JPY' },
  { what: 'a fourth decimal of dinars', amount: '1.0005', currency: 'KWD' },
  { what: 'no digit before the point', amount: '.50' },
  { what: 'no digit behind the point', amount: '1.' },
  { what: 'two points', amount: '1.0.0' },
  { what: 'a leading nought', amount: '01.00' },
  { what: 'space before it', amount: ' 1.00' },
  { what: 'space behind it', amount: '1.00 ' },
  { what: 'a line break behind it', amount: '1.00\n' },
  { what: 'no digit at all', amount: '' },
  { what: 'space alone', amount: ' ' },
  { what: 'a decimal comma', amount: '1,00' },
  { what: 'a thousands separator', amount: '1,000.00' },
  { what: 'an underscore between digits', amount: '1_000' },
  { what: 'a hexadecimal number', amount: '0x10' },
  { what: 'Arabic digits', amount: '١٢' },
  { what: 'full-width digits', amount: '１２' },
  { what: 'a currency sign', amount: '$1.00' },
  { what: 'a byte that is none', amount: '1\u0000' },
  { what: 'sixteen digits', amount: '1000000000000000' },
  { what: 'a hundred thousand digits', amount: '9'.repeat(100_000) },
  { what: 'a whole JSON number', amount: 1 },
  { what: 'a fractional JSON number', amount: 0.1 },
  { what: 'a truth', amount: true },
  { what: 'a list of one', amount: ['1.00'] },
  { what: 'an object', amount: { amount: '1.00' }, literal: '{ amount: "1.00" }' },
  { what: 'null', amount: null },
];

/** Each way to say how much, and what else it takes. */
const WAYS: readonly { readonly field: string; readonly type: string; readonly rest: Json }[] = [
  { field: 'postWalletTransaction', type: 'PostWalletTransactionInput', rest: { kind: 'DEPOSIT' } },
  { field: 'transferBetweenWallets', type: 'TransferBetweenWalletsInput', rest: {} },
  { field: 'placeWalletHold', type: 'PlaceWalletHoldInput', rest: { expiresInSeconds: 60 } },
];

type Json = Readonly<Record<string, unknown>>;

function inputOf({ field, rest }: (typeof WAYS)[number], { amount, currency = 'USD' }: HostileAmount): Json {
  keys += 1;
  const walletId = walletsOf.get(currency);
  const wallets =
    field === 'transferBetweenWallets'
      ? { fromWalletId: walletId, toWalletId: friendsWallets.get(currency) }
      : { walletId };
  return { idempotencyKey: `hostile-${keys}`, ...wallets, ...rest, amount, currency };
}

/** An input as a document writes it. */
function literalOf(input: Json, { literal }: HostileAmount): string {
  const said = Object.entries(input).map(([name, value]) => {
    if (name === 'kind') return `${name}: ${value}`;
    if (name === 'amount' && literal !== undefined) return `${name}: ${literal}`;
    return `${name}: ${JSON.stringify(value)}`;
  });
  return `{ ${said.join(', ')} }`;
}

/** All that can move. */
const books = async () =>
  (
    await sql`
      select (select count(*) from ledger_transaction) as transactions, (select count(*) from ledger_entry) as entries,
        (select count(*) from wallet_hold) as holds, (select count(*) from idempotency_key) as keys,
        (select json_agg((id, balance, held, version) order by id) from ledger_account) as accounts`.execute(
      db,
    )
  ).rows;

const selection = '{ __typename ... on Error { code message } }';

/** What is wrong with it, wherever the answer says so. */
function refusalOf(
  answer: { readonly data?: Json | null; readonly errors?: readonly Json[] },
  field: string,
) {
  const [error] = answer.errors ?? [];
  const refusal = error ? { ...(error.extensions as Json), ...error } : answer.data?.[field];
  const { code, message } = refusal as { readonly code?: string; readonly message?: string };
  return { code, message };
}

test.each(HOSTILE)('$what is no amount, and moves nothing', async (hostile) => {
  const before = await books();
  for (const way of WAYS) {
    const { field, type } = way;
    const input = inputOf(way, hostile);
    const byVariable = await floor.ask(
      `mutation ($input: ${type}!) { ${field}(input: $input) ${selection} }`,
      { as: 'ADMIN', variables: { input } },
    );
    const byLiteral = await floor.ask(
      `mutation { ${field}(input: ${literalOf(inputOf(way, hostile), hostile)}) ${selection} }`,
      { as: 'ADMIN' },
    );
    for (const answer of [byVariable, byLiteral])
      expect(refusalOf(answer, field), field).toEqual({
        code: 'API_001',
        message: expect.stringMatching(/amount|Decimal|"9{99}/i),
      });
  }
  expect(await books()).toEqual(before);
});

test.each([
  ['USD', '1.5', 150n],
  ['USD', '0.01', 1n],
  ['JPY', '7', 7n],
  ['KWD', '0.005', 5n],
])('of %s, %s is an amount', async (currency, amount, minor) => {
  const way = WAYS[0] as (typeof WAYS)[number];
  const postedOf = async () =>
    (
      await db
        .selectFrom('ledger_account')
        .select('balance')
        .where('user_id', '=', owner.id)
        .where('currency', '=', currency)
        .executeTakeFirstOrThrow()
    ).balance;
  const before = await postedOf();
  const { data } = await floor.ask(
    `mutation ($input: ${way.type}!) { ${way.field}(input: $input) ${selection} }`,
    { as: 'ADMIN', variables: { input: inputOf(way, { what: '', amount, currency }) } },
  );
  expect(data[way.field].__typename).toBe('PostWalletTransactionSuccess');
  expect(await postedOf()).toBe(before + minor);
});
