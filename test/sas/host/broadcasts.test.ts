import { expect, test } from 'vitest';
import { PROGRESSIVE_LEVELS } from '../../../src/sas/codec/long-polls/progressives.ts';
import { decodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { aScriptedFloor, type ScriptedFloor } from './scripted-floor.ts';

const levels = [
  { level: 1, cents: 123_456n },
  { level: 2, cents: 9_900n },
];

async function anOnlineFloor(): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor({ machines: [1, 2] });
  await floor.clock.advance(20_000);
  floor.sent();
  return floor;
}

const broadcasts = (floor: ScriptedFloor) => floor.sent().filter((message) => message.startsWith('00 8'));

const decoded = (message = '') =>
  decodeRequest(Uint8Array.from(message.split(' '), (byte) => Number.parseInt(byte, 16)));

test('one level is told by 80, as it is in the book', async () => {
  await using floor = await anOnlineFloor();
  floor.host.setProgressives(1, [{ level: 1, cents: 123_456n }]);
  await floor.clock.advance(100);
  expect(broadcasts(floor)).toEqual(['00 80 01 01 00 00 12 34 56 40 86']);
});

test('several levels are told by 86, every second, and nobody is waited for', async () => {
  await using floor = await anOnlineFloor();
  const silences = floor.host.statistics().silences;
  floor.host.setProgressives(7, levels);
  await floor.clock.advance(10_100);
  const said = broadcasts(floor);
  expect(said.length).toBeGreaterThanOrEqual(10);
  expect(said.length).toBeLessThanOrEqual(11);
  expect(decoded(said[0])).toEqual({
    address: 0,
    poll: PROGRESSIVE_LEVELS,
    request: { group: 7, levels },
  });
  expect(floor.host.statistics().silences).toBe(silences);
});

test('new levels are told at once, and none end it', async () => {
  await using floor = await anOnlineFloor();
  floor.host.setProgressives(7, levels);
  await floor.clock.advance(300);
  floor.host.setProgressives(7, [{ level: 1, cents: 124_000n }, ...levels.slice(1)]);
  await floor.clock.advance(300);
  expect(broadcasts(floor).map((message) => decoded(message).request)).toMatchObject([
    { levels: [{ cents: 123_456n }, {}] },
    { levels: [{ cents: 124_000n }, {}] },
  ]);
  floor.host.setProgressives(7, []);
  await floor.clock.advance(5_000);
  expect(broadcasts(floor)).toEqual([]);
});

test('groups have their turns, and machines are polled between', async () => {
  await using floor = await anOnlineFloor();
  floor.host.setProgressives(1, levels);
  floor.host.setProgressives(2, levels);
  await floor.clock.advance(5_100);
  const sent = floor.sent();
  const groups = sent.filter((message) => message.startsWith('00 86')).map((message) => message.slice(9, 11));
  expect(groups.filter((group) => group === '01').length).toBeGreaterThanOrEqual(5);
  expect(groups.filter((group) => group === '02').length).toBeGreaterThanOrEqual(5);
  expect(sent.filter((message) => message === '81').length).toBeGreaterThan(10);
});

test('levels are told on while the line is down and up again', async () => {
  await using floor = await anOnlineFloor();
  floor.host.setProgressives(1, levels);
  await floor.clock.advance(1_000);
  floor.unplug();
  await floor.clock.advance(10_000);
  floor.sent();
  await floor.clock.advance(3_000);
  expect(broadcasts(floor).length).toBeGreaterThanOrEqual(2);
});

test('the next poll waits until the message is on the wire', async () => {
  await using floor = await anOnlineFloor();
  const many = Array.from({ length: 32 }, (_, at) => ({ level: at + 1, cents: 1n }));
  floor.host.setProgressives(1, many);
  let saidAtMs: number | null = null;
  let nextAtMs: number | null = null;
  for (let ms = 0; ms < 400 && nextAtMs === null; ms += 1) {
    const sent = floor.sent('ALL');
    if (saidAtMs !== null && sent.length > 0) nextAtMs = floor.clock.nowMs();
    if (sent.some((message) => message.startsWith('00 86'))) saidAtMs = floor.clock.nowMs();
    await floor.clock.advance(1);
  }
  // 198 bytes take 113 ms.
  expect((nextAtMs ?? 0) - (saidAtMs ?? 0)).toBeGreaterThanOrEqual(112);
});

test.each([[[{ level: 0, cents: 1n }]], [[{ level: 33, cents: 1n }]]])(
  'there is no level beyond 1 to 32',
  async (wrong) => {
    await using floor = await anOnlineFloor();
    expect(() => floor.host.setProgressives(1, wrong)).toThrow(RangeError);
  },
);
