import { expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { createSasHost } from '../../../src/sas/host/host.ts';
import { aFloor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';

const CREDITS = meterCode('CURRENT_CREDITS');

test('a machine that answers is online, says what it is, and then what it counts', async () => {
  await using floor = await aFloor({
    machines: [{ address: 1, settings: { serialNumber: 'SN-7', denomination: 0x02 } }],
  });
  await floor.clock.advance(5_000);

  const kinds = floor.reports.filter((made) => made.kind !== 'exception').map((made) => made.kind);
  expect(kinds.slice(0, 4)).toEqual(['line', 'link', 'identity', 'meters']);
  expect(floor.latest('identity', 1)?.identity).toMatchObject({
    sasVersion: '602',
    serialNumber: 'SN-7',
    gameId: 'FW',
    additionalId: '001',
    denominationCode: 0x02,
    paytableId: 'FW0001',
    basePercent: '9068',
    numberOfGames: 0,
    selectedGame: 0,
    features: { extendedMeters: true, fastPolling: true },
  });
});

test('a machine that falls silent is offline after three missed polls, and its neighbour is not', async () => {
  let isCut = false;
  await using floor = await aFloor({
    machines: [{ address: 1 }, { address: 2 }],
    faultsToEgms: (message, deliver) => {
      const own = message.findIndex((symbol) => symbol === 0x181 || symbol === 0x101);
      deliver(isCut && own >= 0 ? message.slice(0, own) : message);
    },
  });
  await floor.clock.advance(5_000);
  const silences = () => floor.host.statistics().machines.get(1)?.silences ?? 0;
  const before = silences();
  isCut = true;
  for (let ms = 0; ms < 10_000 && floor.links(1).at(-1) !== 'OFFLINE'; ms += 10)
    await floor.clock.advance(10);
  expect(silences() - before).toBe(3);

  await floor.clock.advance(10_000);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE']);
  expect(floor.links(2)).toEqual(['ONLINE']);
  isCut = false;
  await floor.clock.advance(10_000);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE', 'ONLINE']);
});

test('a machine that is gone keeps the line from its neighbour for ten polls, and no longer', async () => {
  const clock = aManualClock();
  let isCut = false;
  await using floor = await aFloor({
    clock,
    machines: [{ address: 1 }, { address: 2 }],
    faultsToEgms: (message, deliver) => {
      const own = message.findIndex((symbol) => symbol === 0x181 || symbol === 0x101);
      deliver(isCut && own >= 0 ? message.slice(0, own) : message);
    },
  });
  await floor.clock.advance(5_000);
  const mark = floor.transcript.length;
  isCut = true;
  await floor.clock.advance(10_000);
  const said = floor.transcript.slice(mark).filter((line) => line.startsWith('>'));
  const first = said.indexOf('> 81');
  const others = said.slice(first).findIndex((line) => line !== '> 81');
  expect(others).toBe(10);
  expect(floor.links(2)).toEqual(['ONLINE']);
  // After that it is probed as rarely as any machine that is not there.
  expect(said.slice(first + others).filter((line) => line === '> 81').length).toBeLessThan(12);
});

test.each([0x00, 0x11])('one stray byte %d in answer to a probe is not a machine', async (byte) => {
  await using floor = await aFloor({ machines: [], addresses: [2] });
  await floor.clock.advance(10_000);
  const probes = floor.transcript.length;
  while (floor.transcript.length === probes) await floor.clock.advance(1);
  floor.noise(byte);
  await floor.clock.advance(10_000);
  expect(floor.host.statistics().machines.get(2)?.replies).toBe(1);
  expect(floor.links(2)).toEqual(['OFFLINE']);
  expect(floor.exceptions(2)).toEqual([]);
});

test('a machine that never says the same twice is offline after five seconds, and the line goes on', async () => {
  let isNoise = false;
  let next = 0x20;
  await using floor = await aFloor({
    machines: [{ address: 1 }, { address: 2 }],
    faultsToHost: (message, deliver) => {
      if (isNoise) next = next === 0x25 ? 0x20 : next + 1;
      deliver(isNoise ? [next] : message);
    },
  });
  await floor.clock.advance(5_000);
  floor.noise(0x00);
  isNoise = true;
  await floor.clock.advance(4_000);
  expect(floor.links(1)).toEqual(['ONLINE']);
  await floor.clock.advance(20_000);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE']);
  expect(floor.exceptions(1)).toEqual([0x17]);
  isNoise = false;
  await floor.clock.advance(20_000);
  expect([floor.links(1).at(-1), floor.links(2).at(-1)]).toEqual(['ONLINE', 'ONLINE']);
});

test('a machine that nobody can reach is said to be offline once, and polled rarely', async () => {
  await using floor = await aFloor({ machines: [{ address: 1 }], addresses: [1, 2] });
  await floor.clock.advance(5_000);
  expect(floor.links(2)).toEqual(['OFFLINE']);

  const before = floor.host.statistics().machines.get(2)?.polls ?? 0;
  await floor.clock.advance(60_000);
  const probes = (floor.host.statistics().machines.get(2)?.polls ?? 0) - before;
  expect(probes).toBeGreaterThanOrEqual(12);
  expect(probes).toBeLessThanOrEqual(60);
  expect(floor.links(2)).toEqual(['OFFLINE']);
  expect(floor.links(1)).toEqual(['ONLINE']);
});

test('a probe begins with the poll a machine waits for that lost the line', async () => {
  await using floor = await aFloor({ machines: [], addresses: [2] });
  await floor.clock.advance(20_000);
  const said = floor.transcript.filter((line) => line.startsWith('>'));
  expect(said[0]).toBe('> 82');
  for (const [at, line] of said.entries()) if (at > 5 && line !== '> 80') expect(said[at - 1]).toBe('> 80');
});

test('unplugging the line takes it down and all its machines offline at once', async () => {
  await using floor = await aFloor({ machines: [{ address: 1 }, { address: 2 }] });
  await floor.clock.advance(5_000);
  await floor.unplug();
  await floor.clock.advance(1);
  expect(floor.latest('line')).toMatchObject({ state: 'DOWN', cause: 'The memory line was unplugged.' });
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE']);
  expect(floor.links(2)).toEqual(['ONLINE', 'OFFLINE']);
});

test('plugging it in again brings it back without a restart and with the right meters', async () => {
  await using floor = await aFloor({ machines: [{ address: 1 }, { address: 2 }] });
  await floor.clock.advance(5_000);
  floor.egm(1).insertBill(100n);
  await floor.clock.advance(2_000);
  expect(floor.meter(1, CREDITS)).toBe(10_000n);

  await floor.unplug();
  await floor.clock.advance(30_000);
  floor.egm(1).play({ wager: 100n, win: 0n });
  await floor.plug();
  await floor.clock.advance(10_000);

  const told = floor.reports.flatMap((made) => (made.kind === 'line' ? `${made.state} ${made.cause}` : []));
  expect(told).toEqual([
    'UP null',
    'DOWN The memory line was unplugged.',
    'DOWN The memory line is unplugged.',
    'UP null',
  ]);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE', 'ONLINE']);
  expect(floor.meter(1, CREDITS)).toBe(9_900n);
  expect(floor.exceptions(1)).toEqual([0x17, 0x4c, 0x7e, 0x7f]);
  expect(floor.host.statistics().reopenings).toBe(1);
});

test('a line that cannot be opened is down once, however often it is tried', async () => {
  let tries = 0;
  const clock = aManualClock();
  const reports: string[] = [];
  const host = createSasHost({
    addresses: [1],
    clock,
    random: () => 0.5,
    async open() {
      tries += 1;
      throw new Error('no such device');
    },
    async report(made) {
      reports.push(made.kind === 'line' ? `${made.state} ${made.cause}` : `${made.kind}`);
    },
  });
  host.start();
  await clock.advance(60_000);
  await host[Symbol.asyncDispose]();
  expect(reports).toEqual(['DOWN no such device', 'link']);
  expect(tries).toBeGreaterThan(12);
  expect(tries).toBeLessThan(30);
});

test('why a line is down is told when a try to open it says so, and again only for another cause', async () => {
  const clock = aManualClock();
  const reports: string[] = [];
  let close = (_cause: Error | null): void => {};
  let refusal: Error | null = null;
  const host = createSasHost({
    addresses: [1],
    clock,
    random: () => 0.5,
    async open() {
      if (refusal) throw refusal;
      return {
        send() {},
        onSymbols() {},
        onClosed(listener) {
          close = listener;
        },
        async [Symbol.asyncDispose]() {},
      };
    },
    async report(made) {
      if (made.kind === 'line') reports.push(`${made.state} ${made.cause}`);
    },
  });
  host.start();
  await clock.advance(10_000);
  refusal = new Error('connect ECONNREFUSED');
  close(null);
  await clock.advance(1);
  expect(reports).toEqual(['UP null', 'DOWN null']);
  await clock.advance(60_000);
  expect(reports.slice(2)).toEqual(['DOWN connect ECONNREFUSED']);
  refusal = Object.assign(new AggregateError([]), { code: 'EHOSTUNREACH' });
  await clock.advance(60_000);
  expect(reports.slice(3)).toEqual(['DOWN EHOSTUNREACH']);
  refusal = null;
  await clock.advance(60_000);
  expect(reports.slice(4)).toEqual(['UP null']);
  close(null);
  await clock.advance(1);
  expect(reports.slice(5)).toEqual(['DOWN null']);
  await host[Symbol.asyncDispose]();
});

test('a machine taken off the line is forgotten, one put on it is found', async () => {
  await using floor = await aFloor({ machines: [{ address: 1 }, { address: 2 }], addresses: [1] });
  await floor.clock.advance(5_000);
  floor.host.setAddresses([2]);
  await floor.clock.advance(5_000);
  expect([...floor.host.statistics().machines.keys()]).toEqual([2]);
  expect(floor.links(2)).toEqual(['ONLINE']);
  const mark = floor.transcript.length;
  await floor.clock.advance(1_000);
  expect(floor.transcript.slice(mark)).not.toContain('> 81');
});

test.each([0, 128, 1.5])('%d is not the address of a machine', async (address) => {
  await expect(aFloor({ machines: [], addresses: [address] })).rejects.toThrow(RangeError);
});

test('a machine is polled every 200 ms, and every 40 ms once its feature bits allow it', async () => {
  const slow = { address: 1, settings: { features: NO_FEATURES } };
  await using floor = await aFloor({ machines: [slow, { address: 2 }] });
  await floor.clock.advance(10_000);
  const polls = (address: number) => floor.host.statistics().machines.get(address)?.polls ?? 0;
  const before = [polls(1), polls(2)];
  await floor.clock.advance(10_000);
  expect(polls(1) - (before[0] ?? 0)).toBeGreaterThanOrEqual(48);
  expect(polls(1) - (before[0] ?? 0)).toBeLessThanOrEqual(51);
  expect(polls(2) - (before[1] ?? 0)).toBeGreaterThanOrEqual(225);
  expect(polls(2) - (before[1] ?? 0)).toBeLessThanOrEqual(251);
});

test('the last answer is acknowledged when the host ends, and the port closed', async () => {
  const floor = await aFloor();
  await floor.clock.advance(5_000);
  await floor[Symbol.asyncDispose]();
  expect(floor.transcript.at(-1)).toBe('> 80');
  const mark = floor.transcript.length;
  await floor.clock.advance(5_000);
  expect(floor.transcript).toHaveLength(mark);
});

test('an exception that is not stored when the host ends stays with its machine', async () => {
  const floor = await aFloor({
    report: async (made) => {
      if (made.kind === 'exception') throw new Error('the database is away');
    },
  });
  await floor.clock.advance(2_000);
  await floor[Symbol.asyncDispose]();
  expect(floor.transcript.filter((line) => line === '> 80')).toHaveLength(1);
  expect(
    floor
      .egm(1)
      .state()
      .queuedExceptions.map(({ code }) => code),
  ).toEqual([0x17]);
});
