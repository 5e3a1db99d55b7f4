import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { sweepTransfers } from '../../src/machine/aft-progress.ts';
import type { AftTransfer } from '../../src/machine/aft-transfer.ts';
import { resolveTransfer } from '../../src/machine/aft-transfer-service.ts';
import { listUnheard } from '../../src/machine/aft-transfer-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aMachine, aPlace } from '../support/aft-place.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What a machine says nothing of is not asked for all the time. */

const [LOCK, TRANSFER] = [0x74, 0x72];
const SHORTEST = 3;
const WAIT = { deadlineMs: 60_000 };

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const minutesOn = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 61_000 });
const floorOf = { db, runWork, folder: await temporaryFolder() };

type Place = Awaited<ReturnType<typeof aPlace>>;

/** Sent to whoever is there, of which nothing is heard. */
async function doubted(place: Place): Promise<() => Promise<AftTransfer | null>> {
  const transfer = await eventually(() => place.order(1_000n), WAIT);
  await eventually(async () => (await transfer())?.state === 'SENT', WAIT);
  await eventually(async () => {
    await sweepTransfers(minutesOn);
    return (await transfer())?.state === 'IN_DOUBT';
  }, WAIT);
  return transfer;
}

async function settledByHand(place: Place): Promise<string> {
  const transferId = (await (await doubted(place))())?.id ?? '';
  const said = { amount: null, currency: null, reason: 'as the player says' };
  await runWork(system('test'), (work) =>
    resolveTransfer(work, {
      venueId: place.venueId,
      transferId,
      idempotencyKey: newId(),
      outcome: 'SETTLED',
      ...said,
    }),
  );
  return transferId;
}

/** Another machine comes to the place, after a while without one. */
async function replace(place: Place, egm: ReturnType<typeof aMachine>): Promise<void> {
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE', WAIT);
  place.take(egm);
  await eventually(async () => (await place.connection()) === 'ONLINE', WAIT);
}

/** A place whose machine is deaf to transfers when it is told so, and how often it was asked for its status. */
async function aDeafPlace() {
  let isDeaf = false;
  let asked = 0;
  const place = await aPlace(aMachine({}), {
    ...floorOf,
    answered(request) {
      // It is called with each byte more.
      if (request[1] === LOCK && request.length === SHORTEST) asked += 1;
      return null;
    },
    arrives: (answer) => (isDeaf && answer[1] === TRANSFER ? null : answer),
  });
  return {
    place,
    asked: () => asked,
    deafen(to: boolean) {
      isDeaf = to;
    },
  };
}

const unheardOf = async ({ venueId, machineId }: Place) =>
  (await listUnheard(db, venueId, [machineId])).map(({ id }) => id);

test('one that was settled by hand, and whose machine is gone, keeps the next from nothing', {
  timeout: 240_000,
}, async () => {
  const { place, deafen } = await aDeafPlace();
  await using _place = place;
  deafen(true);
  const gone = await settledByHand(place);
  await replace(place, aMachine({ assetNumber: 8 }));
  const next = await settledByHand(place);
  // What the machine did last it says by itself: of this it is asked.
  const last = await settledByHand(place);
  expect(await unheardOf(place)).toEqual([gone, next, last]);
  deafen(false);
  await eventually(async () => !(await unheardOf(place)).includes(next), WAIT);
  expect(await unheardOf(place)).toContain(gone);
});

test('a machine in the place of another is asked less and less for what that one did', {
  timeout: 240_000,
}, async () => {
  const { place, asked, deafen } = await aDeafPlace();
  await using _place = place;
  deafen(true);
  await doubted(place);
  await replace(place, aMachine({ assetNumber: 8 }));
  deafen(false);
  // The line's statistics are written all the time: by them it goes on.
  const seconds = async () => {
    const { at } = await db
      .selectFrom('sas_line_status')
      .select('statistics_at as at')
      .where('venue_id', '=', place.venueId)
      .executeTakeFirstOrThrow();
    return (at?.getTime() ?? 0) / 1_000;
  };
  const online = () =>
    db
      .selectFrom('machine_event')
      .select('id')
      .where('machine_id', '=', place.machineId)
      .where('type', '=', 'ONLINE')
      .execute();
  const [before, from, returns] = [asked(), await seconds(), (await online()).length];
  await eventually(async () => (await seconds()) - from >= 16, WAIT);
  expect(await online()).toHaveLength(returns);
  expect(asked() - before).toBeLessThan(8);
});
