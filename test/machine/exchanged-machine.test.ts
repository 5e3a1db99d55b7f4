import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { reconcile } from '../../src/machine/aft-reconciliation-service.ts';
import { isAnother } from '../../src/machine/machine.ts';
import { listMachineEvents } from '../../src/machine/machine-event-store.ts';
import { recordMeters } from '../../src/machine/meter-service.ts';
import { findMeters, listMeterHistory } from '../../src/machine/meter-store.ts';
import { recordConnection, recordIdentity } from '../../src/machine/service.ts';
import { createRunWork } from '../../src/work.ts';
import { aMachine, aPlace } from '../support/aft-place.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { anIdentity } from '../support/identity.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Another machine is put in the place of one, at the same address. */

const SAS = system('sas');
const [COIN_IN, GAMES_PLAYED, IN, OUT] = [0x00, 0x05, 0xa0, 0xb8];
const NEWEST = { after: null, before: null, limit: 100, backward: false } as const;

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const floorOf = { db, runWork, folder: await temporaryFolder() };
const { id: venueId } = await aVenue(runWork);

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));

/** A machine with this serial number, and what is done to it. */
async function aStage(serialNumber: string) {
  const [machine] = (await aLine(runWork, { venueId })).machines;
  if (!machine) throw new Error('a line without machines');
  const machineId = machine.id;
  const says = (identity: Parameters<typeof anIdentity>[0], seconds: number) =>
    runWork(SAS, (work) =>
      recordIdentity(work, { venueId, machineId, identity: anIdentity(identity), at: at(seconds) }),
    );
  await runWork(SAS, (work) => recordConnection(work, { venueId, machineId, state: 'ONLINE', at: at(0) }));
  await says({ serialNumber }, 0);
  return {
    machineId,
    says,
    read: (seconds: number, values: Readonly<Record<number, bigint>>) =>
      runWork(SAS, (work) =>
        recordMeters(work, venueId, [{ machineId, venueId, readAt: at(seconds), values: valuesOf(values) }]),
      ),
    compare: (values: Readonly<Record<number, bigint>>) =>
      runWork(SAS, (work) =>
        reconcile(work, {
          venueId,
          machineId,
          reason: 'START',
          unreconciled: 0,
          read: valuesOf({ [IN]: 0n, [OUT]: 0n, ...values }),
        }),
      ),
    deltas: async () => {
      const [meters] = await findMeters(db, venueId, [machineId]);
      return new Map(meters?.values.map(({ code, delta }) => [code, delta]));
    },
    events: () => eventsOf(venueId, machineId),
  };
}

const valuesOf = (values: Readonly<Record<number, bigint>>) =>
  new Map(Object.entries(values).map(([code, value]) => [Number(code), { value, bcdBytes: 4 }]));

const eventsOf = (venue: string, machineId: string) =>
  listMachineEvents(db, venue, {
    filter: { machineIds: [machineId], types: ['AFT_DISCREPANCY', 'METER_RESET'] },
    range: NEWEST,
  });

test.each([
  ['another serial number', { serialNumber: 'A' }, { serialNumber: 'B' }, true],
  [
    'the same serial number',
    { serialNumber: 'A', assetNumber: 1 },
    { serialNumber: 'A', assetNumber: 2 },
    false,
  ],
  ['another asset number alone', { assetNumber: 1 }, { assetNumber: 2 }, true],
  [
    'another asset number and no serial number now',
    { serialNumber: 'A', assetNumber: 1 },
    { assetNumber: 2 },
    true,
  ],
  ['a first asset number', {}, { assetNumber: 2 }, false],
  ['nothing', {}, {}, false],
])('a machine that tells %s', (_, known, said, is) => {
  expect(isAnother(anIdentity(known), anIdentity(said))).toBe(is);
});

test('what another machine has counted is neither played nor reset', async () => {
  const { machineId, says, read, deltas, events } = await aStage('A');
  await read(1, { [COIN_IN]: 500n, [GAMES_PLAYED]: 30n });
  await says({ serialNumber: 'B' }, 100);
  // One counter stands higher, one lower.
  await read(101, { [COIN_IN]: 9_000n, [GAMES_PLAYED]: 2n });
  expect(await deltas()).toEqual(
    new Map([
      [COIN_IN, null],
      [GAMES_PLAYED, null],
    ]),
  );
  expect(await events()).toEqual([]);
  await read(102, { [COIN_IN]: 9_010n, [GAMES_PLAYED]: 3n });
  expect(await deltas()).toEqual(
    new Map([
      [COIN_IN, 10n],
      [GAMES_PLAYED, 1n],
    ]),
  );
  const span = { machineId, codes: [COIN_IN], from: at(0), to: at(200), intervalSeconds: null, limit: 10 };
  const history = await listMeterHistory(db, venueId, span);
  expect(history.map(({ delta }) => delta)).toEqual([0n, 0n, 10n]);
  await read(103, { [GAMES_PLAYED]: 0n });
  expect(await events()).toMatchObject([{ type: 'METER_RESET', data: { from: '3', to: '0' } }]);
});

test('a counter that stands where that of the machine before stood is one of another machine all the same', async () => {
  const { says, read, deltas } = await aStage('A');
  await read(1, { [COIN_IN]: 500n });
  await says({ serialNumber: 'B' }, 100);
  await read(101, { [COIN_IN]: 500n });
  await read(102, { [COIN_IN]: 520n });
  expect(await deltas()).toEqual(new Map([[COIN_IN, 20n]]));
});

test('a machine that says again who it is goes on counting', async () => {
  const { says, read, deltas } = await aStage('A');
  await read(1, { [COIN_IN]: 500n });
  await says({ serialNumber: 'A', assetNumber: 3 }, 100);
  await read(101, { [COIN_IN]: 530n });
  expect(await deltas()).toEqual(new Map([[COIN_IN, 30n]]));
});

test('the transfers of another machine are compared from where its own meters stand', async () => {
  const { says, compare, events } = await aStage('A');
  expect(await compare({ [IN]: 5_000n })).toMatchObject({ number: 1, outcome: 'BASELINE' });
  await says({ serialNumber: 'B' }, 100);
  expect(await compare({ [IN]: 70_000n })).toMatchObject({ number: 2, outcome: 'BASELINE', from: null });
  expect(await compare({ [IN]: 70_000n })).toMatchObject({ number: 3, outcome: 'EQUAL' });
  await says({ serialNumber: 'C' }, 200);
  expect(await compare({ [IN]: 1n })).toMatchObject({ number: 4, outcome: 'BASELINE' });
  expect(await events()).toEqual([]);
  expect(await compare({ [IN]: 2n })).toMatchObject({ number: 5, outcome: 'DIFFERENT' });
});

test('the database takes one beginning for each machine at an address', async () => {
  const { machineId, compare } = await aStage('A');
  await compare({});
  const again = db.insertInto('aft_reconciliation').expression((eb) =>
    eb
      .selectFrom('aft_reconciliation')
      .where('machine_id', '=', machineId)
      .select((from) => [
        from.fn<string>('gen_random_uuid').as('id'),
        'venue_id',
        'machine_id',
        from.lit(2).as('number'),
        'reason',
        'outcome',
        'from_at',
        'to_at',
        'meters',
        'exchanged_at',
      ]),
  );
  await expect(
    again
      .columns([
        'id',
        'venue_id',
        'machine_id',
        'number',
        'reason',
        'outcome',
        'from_at',
        'to_at',
        'meters',
        'exchanged_at',
      ])
      .execute(),
  ).rejects.toThrow('aft_reconciliation_baseline');
});

test('a machine that is put in the place of another on the line begins anew, and nothing is announced', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({ serialNumber: 'A' });
  egm.insertBill(10n);
  await using place = await aPlace(egm, floorOf);
  const outcomes = async () => {
    const found = await db
      .selectFrom('aft_reconciliation')
      .select('outcome')
      .where('machine_id', '=', place.machineId)
      .orderBy('number')
      .execute();
    return found.map(({ outcome }) => outcome);
  };
  await eventually(async () => (await outcomes()).length > 0);
  const before = await place.order(1_000n);
  await eventually(async () => (await before())?.finishedAt);
  place.driver.transferChanged();
  await eventually(async () => (await outcomes()).length > 1);
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE');
  place.take(aMachine({ serialNumber: 'B', assetNumber: 8 }));
  await eventually(async () => (await place.connection()) === 'ONLINE');
  await eventually(async () => (await outcomes()).length > 2);
  const next = await place.order(500n);
  await eventually(async () => (await next())?.finishedAt);
  place.driver.transferChanged();
  await eventually(async () => (await outcomes()).length > 3);
  expect(await outcomes()).toEqual(['BASELINE', 'EQUAL', 'BASELINE', 'EQUAL']);
  expect(await eventsOf(place.venueId, place.machineId)).toEqual([]);
});
