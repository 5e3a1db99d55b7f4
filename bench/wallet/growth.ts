import type { Connection } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { Running } from '../../src/lib/running.ts';
import { percentile } from '../percentile.ts';
import { type Bank, createBank } from './bank.ts';
import { openServer, type Teller } from './teller.ts';

const SIZES = { few: 10_000, many: 1_000_000 };
const ROUNDS = 7;
const TIMES = 100;
const TOLERANCE = 0.3;

/** The same questions to a wallet of ten thousand entries and to one of a million, in turn. */
export async function measureGrowth(cluster: Connection, folder: string): Promise<void> {
  await using running = new Running();
  const open = async (name: 'few' | 'many'): Promise<Teller> => {
    const bank = await createBank(cluster, { name, folder, wallets: 10 });
    await fill(bank, SIZES[name]);
    await bank.verify(0);
    return await openServer(running, bank);
  };
  const [few, many] = [await open('few'), await open('many')];
  const questions: readonly (readonly [string, (teller: Teller) => string])[] = [
    [
      'wallet',
      (teller) => `{ wallet(id: "${hotWalletOf(teller)}") { posted { amount } held { amount } version } }`,
    ],
    [
      'entries(first: 50)',
      (teller) =>
        `{ wallet(id: "${hotWalletOf(teller)}") { entries(first: 50) { nodes { amount { amount } balanceAfter { amount } effectiveAt } pageInfo { hasNextPage } } } }`,
    ],
    ['a transfer', () => 'TRANSFER'],
  ];
  for (const [title, queryOf] of questions) {
    const pairs: (readonly [number, number])[] = [];
    const ask = (teller: Teller) => teller.ask<number>({ do: 'time', query: queryOf(teller), times: TIMES });
    for (const teller of [few, many]) await ask(teller);
    for (let round = 0; round < ROUNDS; round += 1) pairs.push([await ask(few), await ask(many)]);
    const [of, ratio] = [
      (at: 0 | 1) =>
        percentile(
          pairs.map((pair) => pair[at]),
          0.5,
        ),
      percentile(
        pairs.map(([small, large]) => large / small),
        0.5,
      ),
    ];
    console.log(
      `${title}: ${of(0).toFixed(2)} ms at ${SIZES.few} entries, ${of(1).toFixed(2)} ms at ${SIZES.many}; ratio ${ratio.toFixed(2)} (goal ≤ ${1 + TOLERANCE})`,
    );
  }
}

const hotWalletOf = ({ bank }: Teller): string => encodeGlobalId('Wallet', bank.walletIds[0] ?? '');

/** Deposits of a cent, as the functions of the ledger would have left them: half of the entries are of the hot wallet. */
async function fill({ asOwner, venueId, walletIds }: Bank, entries: number): Promise<void> {
  const values = [venueId, walletIds[0], entries / 2];
  await asOwner(FILL, values);
  await asOwner('vacuum analyze');
}

/** The triggers look at one transaction each; here `verify` looks at all of them instead. */
const FILL = `
  with replica as (select set_config('session_replication_role', 'replica', false)),
  place as (
    select n, gen_random_uuid() as id, now() - interval '1 day' + n * interval '50 milliseconds' as at
    from replica, generate_series(1, $3::bigint) n
  ),
  account as (
    select id, 1 as sign, balance, entry_version from ledger_account where id = $2
    union all
    select id, -1, balance, entry_version from ledger_account where venue_id = $1 and kind = 'CASH' and currency = 'USD'
  ),
  transaction as (
    insert into ledger_transaction (id, venue_id, kind, currency, amount, posted_at, effective_at, actor)
    select id, $1, 'DEPOSIT', 'USD', 1, at, at, '{"kind": "system", "id": "bench"}' from place
  ),
  entry as (
    insert into ledger_entry (account_id, version, transaction_id, venue_id, currency, amount, balance_after, effective_at)
    select account.id, entry_version + n, place.id, $1, 'USD', sign, balance + sign * n, at
    from place, account
  )
  update ledger_account set balance = ledger_account.balance + sign * $3, entry_version = ledger_account.entry_version + $3,
    version = ledger_account.version + $3
  from account where account.id = ledger_account.id`;
