import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { raise } from '../../src/machine/service.ts';
import { findMachine } from '../../src/machine/store.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { faultsOfDelivery } from '../support/delivery.ts';
import { headOfLog, machineEventsLogged } from '../support/logged-events.ts';
import { startResumingReader } from '../support/resuming-reader.ts';
import { report, sized } from '../support/soak.ts';

const WRITERS = 8;
const CUTS = sized({ test: 40, soak: 200 });
const HELD_MS = sized({ test: 500, soak: 2_000 });
/** Every so many transactions of a writer one is held open. */
const HELD_EVERY = 15;
const CATCH_UP_MS = 60_000;

const floor = await aFloorApp({ machines: 1, settings: { databasePoolSize: 24 } });
await floor.online();

test('a reader cut at random and resumed by its cursor receives the log: no gap, no repeat, in order', {
  timeout: 300_000,
}, async () => {
  const { db, runWork } = floor.app().services;
  const stop = new AbortController();
  const start = await headOfLog(db);
  const reader = startResumingReader({
    url: () => floor.app().services.info.webSocketUrl,
    token: await floor.token('OPERATOR'),
    query: 'subscription ($after: Cursor!) { machineEvents(after: $after) { id cursor } }',
    after: start.cursor,
    // Between two frames, and behind the last of several that came together.
    onFrame: ({ cut }) => {
      if (Math.random() < 0.2) cut();
      else if (Math.random() < 0.1) setTimeout(cut, Math.random() * 20);
    },
  });

  const writing = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  async function write(writer: number): Promise<void> {
    const machineRow = await db.selectFrom('machine').select('id').executeTakeFirstOrThrow();
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      await runWork(system('test'), async (work) => {
        const machine = await findMachine(work.tx, floor.venueId, machineRow.id);
        if (!machine) throw new Error('no machine');
        await raise(work, machine, { type: 'GAME_ENDED', data: { writer, turn } });
        if (turn % HELD_EVERY === writer) await sql`select pg_sleep(${HELD_MS / 1_000})`.execute(work.tx);
      });
    }
  }

  await eventually(() => reader.sessions > CUTS, { deadlineMs: 240_000 });
  stop.abort();
  await Promise.all(writing);
  const logged = (await machineEventsLogged(db, start.position)).map(({ id }) => id);
  await eventually(() => reader.received.length >= logged.length, { deadlineMs: CATCH_UP_MS });
  await reader.end();

  expect(reader.refusal).toBeNull();
  expect(
    faultsOfDelivery(
      reader.received.map(({ id }) => id),
      logged,
    ),
  ).toEqual([]);
  report(`cuts: ${logged.length} events, ${reader.sessions - 1} cuts, ${WRITERS} writers`);
});
