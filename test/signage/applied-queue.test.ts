import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { DeviceActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createAppliedQueue } from '../../src/signage/applied-queue.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPublishedLayout } from '../support/layout.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });

/** A venue whose screens were pushed a layout. */
async function aVenueOfScreens(count: number) {
  const { id: venueId } = await aVenue(runWork);
  const screens = await Promise.all(Array.from({ length: count }, () => aDevice(runWork, { venueId })));
  const deviceIds = screens.map(({ id }) => id);
  const { id: layoutId } = await aPublishedLayout(runWork, { venueId });
  await runWork(DESK, (work) => pushToDevices(work, { venueId, deviceIds }, { layoutId, revision: 1 }));
  return { venueId, deviceIds };
}

const author = (venueId: string, deviceId: string) => ({
  actor: { kind: 'device', deviceId, venueId, sessionId: newId() } as DeviceActor,
  origin: null,
});

test('what many screens of several venues say at once is a few works, and one that is refused takes no other with it', async () => {
  const [one, other] = [await aVenueOfScreens(40), await aVenueOfScreens(10)];
  let works = 0;
  const queue = createAppliedQueue({
    runWork: (...args) => {
      works += 1;
      return runWork(...args);
    },
  });
  const say = (venueId: string, deviceId: string, displayVersion = 1n, failure: string | null = null) =>
    queue.report({ author: author(venueId, deviceId), displayVersion, failure });
  const all = [one, other].flatMap(({ venueId, deviceIds }) =>
    deviceIds.map((deviceId) => ({ venueId, deviceId })),
  );
  const [first] = one.deviceIds;
  const outcomes = await Promise.allSettled([
    ...all.map(({ venueId, deviceId }) => say(venueId, deviceId)),
    say(one.venueId, String(first), 2n),
    // A screen of another venue.
    say(one.venueId, String(other.deviceIds[0])),
    say(one.venueId, String(one.deviceIds[1]), 1n, ' '),
  ]);
  expect(outcomes.slice(0, all.length).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(outcomes.slice(all.length)).toMatchObject([
    { status: 'rejected', reason: { code: 'API_001' } },
    { status: 'rejected', reason: { code: 'API_002' } },
    { status: 'rejected', reason: { code: 'API_001' } },
  ]);
  expect(works).toBeLessThan(5);
  for (const { venueId, deviceIds } of [one, other]) {
    const displays = await findDisplays(db, venueId, deviceIds);
    expect(displays.map(({ applied }) => applied?.version)).toEqual(deviceIds.map(() => 1n));
  }
});

test('what a screen says one after the other counts in that order, and each change is announced by it', async () => {
  const { venueId, deviceIds } = await aVenueOfScreens(2);
  const [screen = '', busy = ''] = deviceIds;
  const queue = createAppliedQueue({ runWork });
  const say = (deviceId: string, failure: string | null) =>
    queue.report({ author: author(venueId, deviceId), displayVersion: 1n, failure });
  const [, ...answers] = await Promise.all([
    // While this is taken, the others wait and go together.
    say(busy, null),
    say(screen, 'No room.'),
    say(screen, 'No room.'),
    say(screen, null),
    say(screen, 'No sun.'),
  ]);
  expect(answers.map(({ failed }) => failed?.reason ?? null)).toEqual([
    'No room.',
    'No room.',
    null,
    'No sun.',
  ]);
  expect(await findDisplays(db, venueId, [screen])).toMatchObject([
    { applied: { version: 1n }, failed: { reason: 'No sun.' } },
  ]);
  const { rows: told } = await sql<{ type: string }>`
    select type from outbox where type in ('signage.layout-applied', 'signage.layout-failed')
      and actor ->> 'id' = ${screen} order by id`.execute(db);
  expect(told.map(({ type }) => type)).toEqual([
    'signage.layout-failed',
    'signage.layout-applied',
    'signage.layout-failed',
  ]);
});
