/**
 * The bound: the same function of the database and the outbox row, in one transaction, by nothing but `pg`. It
 * moves its events into the log and follows it, as floorwire does.
 */
import pg from 'pg';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { startEventLog } from '../../src/events/event-log.ts';
import { newId } from '../../src/lib/ids.ts';
import { serveCommands } from '../fanout/ipc.ts';
import { between, flood, type TellerCommand, type TellerTask } from './protocol.ts';

const MOST_CLIENTS = 32;
const ACTOR = JSON.stringify({ kind: 'system', id: 'bench' });

serveCommands<TellerTask, TellerCommand>(async ({ connection, venueId, walletIds }) => {
  const { db } = openDatabase({ connection, poolSize: 4, applicationName: 'bench log', role: APP_ROLE });
  const log = await startEventLog({ db, connection, onError: console.error });
  const clients = await Promise.all(
    Array.from({ length: MOST_CLIENTS }, async () => {
      const client = new pg.Client({ connectionString: connection });
      await client.connect();
      await client.query(`set role ${APP_ROLE}`);
      return client;
    }),
  );

  async function transfer(client: pg.Client, from: string, to: string): Promise<void> {
    const [id, key] = [newId(), newId()];
    const command = {
      ord: 1,
      op: 'POST',
      id,
      venue_id: venueId,
      principal: 'system:bench',
      key,
      hash: '00',
      kind: 'TRANSFER',
      from_id: from,
      to_id: to,
      amount: '1',
      currency: 'USD',
      actor: JSON.parse(ACTOR),
    };
    await client.query('begin');
    const { rows } = await client.query({
      name: 'apply',
      text: 'select outcome from ledger_apply($1::jsonb, now())',
      values: [JSON.stringify([command])],
    });
    const { status, accounts } = rows[0].outcome;
    if (status !== 'APPLIED') throw new Error(`a transfer was refused: ${status}`);
    await client.query({
      name: 'outbox',
      text: `insert into outbox (venue_id, type, at, actor, payload)
        select $1, 'wallet.balance-changed', now(), $2, payload from jsonb_array_elements($3::jsonb) payload`,
      values: [venueId, ACTOR, JSON.stringify(accounts)],
    });
    await client.query('commit');
    log.committed();
  }

  return {
    greeting: null,
    answer(command) {
      if (command.do !== 'flood') throw new Error('the bound is only flooded');
      return flood(command, async (at, turn) => {
        const [from, to] = between(command.spread, walletIds.length, turn);
        await transfer(clients[at] as pg.Client, walletIds[from] ?? '', walletIds[to] ?? '');
      });
    },
  };
});
