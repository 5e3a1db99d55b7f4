import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { countLines, findLine } from '../../src/machine/line-store.ts';
import { markRemoved } from '../../src/machine/registry-store.ts';
import { recordConnection, recordLineState } from '../../src/machine/service.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const { id: venueId } = await aVenue(runWork);
const TEST = system('test');

const at = (second: number) => new Date(Date.UTC(2025, 0, 1, 0, 0, second));

async function aSilenceable(machines: number) {
  const made = await aLine(runWork, { venueId, machines });
  const line = await findLine(db, made.lineId);
  if (!line) throw new Error('no line');
  const machineAt = (address: number) => {
    const machine = made.machines.find((each) => each.address === address);
    if (!machine) throw new Error(`no machine ${address}`);
    return machine;
  };
  return {
    turns: (state: 'UP' | 'DOWN', second: number) =>
      runWork(TEST, (work) => recordLineState(work, line, { state, cause: null, at: at(second) })),
    links: (address: number, state: 'ONLINE' | 'OFFLINE', second: number) =>
      runWork(TEST, (work) =>
        recordConnection(work, { venueId, machineId: machineAt(address).id, state, at: at(second) }),
      ),
    remove: (address: number) => runWork(TEST, (work) => markRemoved(work.tx, machineAt(address), work.now)),
    silentSince: async () => (await findLine(db, made.lineId))?.silentSince,
  };
}

test('a line is silent from when the last of its machines fell silent until one answers again', async () => {
  const line = await aSilenceable(2);
  await line.turns('UP', 0);
  await line.links(1, 'ONLINE', 1);
  await line.links(2, 'ONLINE', 1);
  await line.links(1, 'OFFLINE', 5);
  expect(await line.silentSince()).toBeNull();
  await line.links(2, 'OFFLINE', 7);
  expect(await line.silentSince()).toEqual(at(7));
  expect((await countLines(db)).silent).toBe(1);
  await line.links(1, 'ONLINE', 9);
  expect(await line.silentSince()).toBeNull();
  expect((await countLines(db)).silent).toBe(0);
});

test('a line that is down is not called silent, and is once its port is open and still nobody answers', async () => {
  const line = await aSilenceable(1);
  await line.turns('UP', 0);
  await line.links(1, 'ONLINE', 1);
  await line.turns('DOWN', 2);
  await line.links(1, 'OFFLINE', 2);
  expect(await line.silentSince()).toBeNull();
  await line.turns('UP', 8);
  expect(await line.silentSince()).toEqual(at(8));
});

test('a line on which nobody ever answered is not silent, nor one whose machines were taken away', async () => {
  const line = await aSilenceable(2);
  await line.turns('UP', 0);
  await line.links(1, 'OFFLINE', 1);
  expect(await line.silentSince()).toBeNull();
  await line.links(2, 'ONLINE', 2);
  await line.links(2, 'OFFLINE', 3);
  expect(await line.silentSince()).toEqual(at(3));
  await line.remove(2);
  expect(await line.silentSince()).toBeNull();
});
