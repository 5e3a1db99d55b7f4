import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { listGaps, listMovements } from '../../src/machine/meter-report-store.ts';
import { recordMeters } from '../../src/machine/meter-service.ts';
import { pruneMeterHistory } from '../../src/machine/meter-store.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aMachine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const SAS = system('sas');
const { id: venueId } = await aVenue(runWork);

const COIN_IN = 0x0000;
const CREDITS = 0x000c;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));

const read = (machineId: string, seconds: number, values: Record<number, bigint>) =>
  runWork(SAS, (work) =>
    recordMeters(work, venueId, [
      {
        machineId,
        venueId,
        readAt: at(seconds),
        values: new Map(
          Object.entries(values).map(([code, value]) => [Number(code), { value, bcdBytes: 4 }]),
        ),
      },
    ]),
  );

async function report(machineId: string, [from, to]: readonly [number, number], codes = [COIN_IN]) {
  const movements = await listMovements(db, venueId, {
    machineIds: [machineId],
    codes,
    from: at(from),
    to: at(to),
  });
  return movements.get(machineId);
}

test('a counter moves from its last value before the first instant to its last before the second', async () => {
  const { id } = await aMachine(runWork, { venueId });
  for (const [i, value] of [100n, 130n, 130n, 200n, 450n].entries())
    await read(id, i * 10, { [COIN_IN]: value, [CREDITS]: 1_000n - value });
  expect(await report(id, [15, 35], [COIN_IN, CREDITS])).toEqual([
    { code: COIN_IN, opening: 130n, closing: 200n, delta: 70n, resets: 0, countedFrom: null },
    { code: CREDITS, opening: 870n, closing: 800n, delta: -70n, resets: 0, countedFrom: null },
  ]);
  expect(await report(id, [10, 20])).toMatchObject([{ opening: 130n, closing: 130n, delta: 0n }]);
});

test('neighbouring reports add up to the one over both', async () => {
  const { id } = await aMachine(runWork, { venueId });
  const values = [99_999_000n, 99_999_990n, 15n, 400n, 20n, 35n];
  for (const [i, value] of values.entries()) await read(id, i * 10, { [COIN_IN]: value });
  const [whole] = (await report(id, [0, 50])) ?? [];
  const parts = await Promise.all([0, 10, 20, 30, 40].map((from) => report(id, [from, from + 10])));
  const sum = parts.reduce((total, part) => total + (part?.[0]?.delta ?? 0n), 0n);
  expect(whole).toMatchObject({ delta: sum, resets: 1 });
});

test('across a roll-over nothing is lost, and what a reset swallowed is told and not counted', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, 0, { [COIN_IN]: 99_999_950n });
  await read(id, 10, { [COIN_IN]: 40n });
  expect(await report(id, [0, 10])).toMatchObject([
    { opening: 99_999_950n, closing: 40n, delta: 90n, resets: 0 },
  ]);
  await read(id, 20, { [COIN_IN]: 5n });
  await read(id, 30, { [COIN_IN]: 25n });
  expect(await report(id, [0, 30])).toMatchObject([{ closing: 25n, delta: 110n, resets: 1 }]);
});

test('a counter first read in between is counted from there; one not read yet is left out', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, 20, { [COIN_IN]: 500n });
  await read(id, 30, { [COIN_IN]: 520n });
  expect(await report(id, [0, 40])).toEqual([
    { code: COIN_IN, opening: null, closing: 520n, delta: 20n, resets: 0, countedFrom: at(20) },
  ]);
  expect(await report(id, [0, 10])).toEqual([]);
});

test('where history is no longer kept the opening follows from what came behind', async () => {
  const [still, moved] = [
    (await aMachine(runWork, { venueId })).id,
    (await aMachine(runWork, { venueId })).id,
  ];
  for (const id of [still, moved]) await read(id, 0, { [COIN_IN]: 99_999_990n });
  await read(moved, 40, { [COIN_IN]: 10n });
  await runWork(SAS, (work) => pruneMeterHistory(work.tx, { before: at(5), limit: 10_000 }));
  expect(await report(still, [30, 50])).toMatchObject([
    { opening: 99_999_990n, closing: 99_999_990n, delta: 0n },
  ]);
  expect(await report(moved, [30, 50])).toMatchObject([{ opening: 99_999_990n, closing: 10n, delta: 20n }]);
  expect(await report(moved, [30, 35])).toMatchObject([{ opening: 99_999_990n, delta: 0n }]);
});

test('a minute without a reading is missing, one that lasts still too, and a shorter pause is not', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, 0, { [COIN_IN]: 1n });
  await read(id, 55, { [COIN_IN]: 1n });
  await read(id, 300, { [COIN_IN]: 9n });
  const gaps = async ([from, to]: readonly [number, number], now: number) =>
    (await listGaps(db, venueId, { machineIds: [id], from: at(from), to: at(to), now: at(now) })).map(
      (gap) => [gap.from, gap.to],
    );
  expect(await gaps([0, 310], 310)).toEqual([[at(55), at(300)]]);
  expect(await gaps([100, 200], 310)).toEqual([[at(100), at(200)]]);
  expect(await gaps([300, 900], 600)).toEqual([[at(300), at(600)]]);
  expect(await report(id, [0, 200])).toMatchObject([{ delta: 0n }]);
  expect(await report(id, [200, 310])).toMatchObject([{ delta: 8n }]);
});
