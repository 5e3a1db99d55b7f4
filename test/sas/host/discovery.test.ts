import { expect, test } from 'vitest';
import { MACHINE_ID, SAS_VERSION } from '../../../src/sas/codec/long-polls/identity.ts';
import { mark } from '../../../src/sas/codec/symbol.ts';
import { HostStoppedError } from '../../../src/sas/host/queued-command.ts';
import type { ScanProgress } from '../../../src/sas/host/scan.ts';
import { answering, aScriptedFloor, ID, type ScriptedFloor } from './scripted-floor.ts';

const RESPONSE_MS = 40;

/** Two machines that are known, one that tells all it is asked, one too old to know what SAS it speaks. */
async function aHall(): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor({ machines: [1, 2], timing: { responseTimeoutMs: RESPONSE_MS } });
  floor.machine(90).answers.clear();
  answering(floor.machine(90), SAS_VERSION, { version: '602', serialNumber: 'SN-90' });
  answering(floor.machine(90), MACHINE_ID, ID);
  floor.machine(17).answers.clear();
  answering(floor.machine(17), MACHINE_ID, ID);
  await floor.clock.advance(20_000);
  floor.sent();
  return floor;
}

const MINUTES = 60_000;

test('a scan finds the machines nobody told of, and asks none that is known', async () => {
  await using floor = await aHall();
  const scan = floor.host.discover();
  await floor.clock.advance(5 * MINUTES);
  const found = await scan;
  expect(found).toMatchObject([
    { address: 90, by: 'SCAN', sasVersion: '602', serialNumber: 'SN-90', gameId: ID.gameId },
    {
      address: 17,
      by: 'SCAN',
      sasVersion: null,
      serialNumber: null,
      gameId: ID.gameId,
      additionalId: ID.additionalId,
      denominationCode: ID.denomination,
      paytableId: ID.paytableId,
    },
  ]);
  expect(floor.of('discovery')).toEqual(found);
  const scanned = floor.sent().filter((message) => /^[0-7]. (54|1F)$/.test(message));
  const addresses = new Set(scanned.map((message) => message.slice(0, 2)));
  expect(addresses).toEqual(
    new Set(Array.from({ length: 125 }, (_, at) => (at + 3).toString(16).toUpperCase().padStart(2, '0'))),
  );
});

test('a scan takes no more than a twentieth of the line, and known machines are polled as before', async () => {
  await using floor = await aHall();
  const polls = () => floor.host.statistics().machines.get(1)?.polls ?? 0;
  const countPolls = async () => {
    const before = polls();
    await floor.clock.advance(2 * MINUTES);
    return polls() - before;
  };
  const usual = await countPolls();
  const before = floor.host.statistics().silences;
  void floor.host.discover();
  const meanwhile = await countPolls();
  const asked = floor.host.statistics().silences - before;
  expect(asked).toBeGreaterThan(100);
  expect(asked * RESPONSE_MS).toBeLessThanOrEqual(0.05 * 2 * MINUTES * 1.05);
  expect(meanwhile).toBeGreaterThanOrEqual(0.9 * usual);
  expect(floor.of('link').filter(({ state }) => state === 'OFFLINE')).toEqual([]);
});

test('a scan never asks by a general poll, which would cost a stranger its exception', async () => {
  await using floor = await aHall();
  floor.machine(90).exceptions.push(0x11);
  void floor.host.discover();
  await floor.clock.advance(5 * MINUTES);
  expect(floor.sent()).not.toContain('DA');
  expect(floor.machine(90).exceptions).toEqual([0x11]);
});

test('who wants a scan while one is under way gets the same', async () => {
  await using floor = await aHall();
  const [first, second] = [floor.host.discover(), floor.host.discover()];
  await floor.clock.advance(5 * MINUTES);
  expect(await second).toEqual(await first);
  expect(floor.of('discovery')).toHaveLength(2);
});

test('a scan ends with the host, and whoever waits for it is told', async () => {
  const floor = await aHall();
  const scan = floor.host.discover();
  await floor.clock.advance(5_000);
  await floor[Symbol.asyncDispose]();
  await expect(scan).rejects.toThrow(HostStoppedError);
  await expect(floor.host.discover()).rejects.toThrow(HostStoppedError);
});

test('a scan of some addresses asks no other, and tells how far it is', async () => {
  await using floor = await aHall();
  const told: ScanProgress[] = [];
  const scan = floor.host.discover({ from: 16, to: 19, onProgress: (progress) => told.push(progress) });
  await floor.clock.advance(MINUTES);
  expect((await scan).map(({ address }) => address)).toEqual([17]);
  const asked = floor.sent().filter((message) => /^[0-7]. (54|1F)$/.test(message));
  expect(asked).toEqual([
    ...['10 54', '11 54', '12 54', '13 54'],
    // Whoever answers the one is asked the other.
    ...['10 1F', '11 1F', '11 54', '12 1F', '13 1F'],
  ]);
  expect(told.map((each) => each.asked)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(told.at(-1)?.total).toBe(8);
});

test('a scan that another host began goes on behind what that one asked', async () => {
  await using floor = await aHall();
  const scan = floor.host.discover({ from: 16, to: 19, asked: 5 });
  await floor.clock.advance(MINUTES);
  expect((await scan).map(({ address }) => address)).toEqual([17]);
  const asked = floor.sent().filter((message) => /^[0-7]. (54|1F)$/.test(message));
  expect(asked).toEqual(['11 1F', '11 54', '12 1F', '13 1F']);
});

test('a scan goes on where it was when the line comes back', async () => {
  await using floor = await aHall();
  const scan = floor.host.discover();
  await floor.clock.advance(2 * MINUTES);
  floor.unplug();
  await floor.clock.advance(5 * MINUTES);
  expect((await scan).map(({ address }) => address)).toEqual([90, 17]);
});

test('a stranger that chirps is told of once in a minute', async () => {
  await using floor = await aHall();
  for (let chirp = 0; chirp < 5; chirp += 1) {
    floor.port.hear(mark(0x33));
    await floor.clock.advance(200);
  }
  expect(floor.of('discovery')).toMatchObject([{ address: 0x33, by: 'CHIRP', sasVersion: null }]);
  expect(floor.host.statistics().chirps).toBe(5);
  await floor.clock.advance(MINUTES);
  floor.port.hear(mark(0x33));
  await floor.clock.advance(200);
  expect(floor.of('discovery')).toHaveLength(2);
});

test('a byte that is no address of a machine is not told of', async () => {
  await using floor = await aHall();
  floor.port.hear(mark(0x00), mark(0x80), mark(0xff));
  await floor.clock.advance(200);
  expect(floor.of('discovery')).toEqual([]);
});

test('a machine that chirps is asked at once, behind the poll it waits for', async () => {
  await using floor = await aHall();
  floor.machine(1).isSilent = true;
  await floor.clock.advance(40_000);
  floor.machine(1).isSilent = false;
  while (floor.port.sent.at(-1) !== '82') await floor.clock.advance(1);
  floor.sent();
  floor.port.hear(mark(0x01));
  await floor.clock.advance(250);
  const sent = floor.sent('ALL');
  expect(sent).toContain('81');
  expect(sent[sent.indexOf('81') - 1]).toBe('80');
  expect(floor.host.statistics().machines.get(1)).toMatchObject({ chirps: 1 });
  await floor.clock.advance(1_000);
  expect(floor.of('link').at(-1)).toMatchObject({ address: 1, state: 'ONLINE' });
});
