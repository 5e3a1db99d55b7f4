import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { faultsOfDelivery } from '../support/delivery.ts';
import { startLoad } from '../support/load.ts';
import { headOfLog, machineEventsLogged } from '../support/logged-events.ts';
import { startResumingReader } from '../support/resuming-reader.ts';
import { report, sized } from '../support/soak.ts';

const WRITERS = 8;
const CUTS = sized({ test: 30, soak: 200 });
const HELD_MS = sized({ test: 500, soak: 2_000 });
const CATCH_UP_MS = 60_000;

const floor = await aFloorApp({ machines: 1, settings: { databasePoolSize: 24 } });
await floor.online();

test('a reader cut at random and resumed by its cursor receives the log: no gap, no repeat, in order', {
  timeout: 300_000,
}, async () => {
  const { db, runWork } = floor.app().services;
  const { venueId, machineIds } = floor;
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
  const place = { venueId, machineId: machineIds[0] ?? '' };
  await using load = startLoad(runWork, { ...place, writers: WRITERS, heldEvery: 15, heldMs: HELD_MS });

  await eventually(() => reader.sessions > CUTS, { deadlineMs: 240_000 });
  await load.stop();
  const logged = (await machineEventsLogged(db, start.position)).map(({ id }) => id);
  await eventually(() => reader.received.length >= logged.length, { deadlineMs: CATCH_UP_MS });
  await reader.end();

  report(`${logged.length} events of ${WRITERS} writers, ${reader.sessions - 1} cuts`);
  expect(reader.refusal).toBeNull();
  const received = reader.received.map(({ id }) => id);
  expect(faultsOfDelivery(received, logged)).toEqual([]);
});
