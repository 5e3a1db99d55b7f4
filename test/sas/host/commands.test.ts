import { expect, test } from 'vitest';
import { SHUTDOWN, STARTUP } from '../../../src/sas/codec/long-polls/control.ts';
import { SAS_VERSION } from '../../../src/sas/codec/long-polls/identity.ts';
import { HostStoppedError } from '../../../src/sas/host/queued-command.ts';
import { aFloor, type Floor } from './floor.ts';

const LOCK = '> 01 01 51 08';

async function done<T>(floor: Floor, promise: Promise<T>, withinMs = 5_000): Promise<T> {
  await floor.clock.advance(withinMs);
  return await promise;
}

test('a lock command is acknowledged, and the machine refuses to play', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(5_000);
  floor.egm(1).insertBill(10n);
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toEqual({
    outcome: 'ACK',
    answer: null,
    attempts: 1,
  });
  expect(floor.egm(1).locked).toBe(true);
  expect(floor.egm(1).play({ wager: 1n, win: 0n })).toBe('LOCKED');
  expect(await done(floor, floor.host.execute(1, STARTUP, {}))).toMatchObject({ outcome: 'ACK' });
  expect(floor.egm(1).locked).toBe(false);
});

test('a command goes out within one poll period', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(5_000);
  const mark = floor.transcript.length;
  void floor.host.execute(1, SHUTDOWN, {});
  await floor.clock.advance(42);
  expect(floor.transcript.slice(mark)).toContain(LOCK);
});

test('a poll with an answer brings it', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(5_000);
  const result = await done(floor, floor.host.execute(1, SAS_VERSION, {}));
  expect(result).toEqual({
    outcome: 'DATA',
    answer: { version: '602', serialNumber: 'FW-0000' },
    attempts: 1,
  });
});

test('a command a machine does not know is met with silence three times, and the machine stays online', async () => {
  await using floor = await aFloor({
    machines: [{ address: 1, unsupportedPolls: new Set([SHUTDOWN.code]) }],
  });
  await floor.clock.advance(5_000);
  const mark = floor.transcript.length;
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toEqual({ outcome: 'SILENT', attempts: 3 });
  expect(floor.transcript.slice(mark).filter((line) => line === LOCK)).toHaveLength(3);
  expect(floor.links(1)).toEqual(['ONLINE']);
});

test('a command to a machine that goes away meanwhile ends as OFFLINE', async () => {
  let isCut = false;
  await using floor = await aFloor({
    faultsToHost: (message, deliver) => {
      if (!isCut) deliver(message);
    },
  });
  await floor.clock.advance(5_000);
  isCut = true;
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toMatchObject({ outcome: 'OFFLINE' });
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE']);
});

test('a command that is lost on its way is sent again', async () => {
  let lost = 0;
  await using floor = await aFloor({
    faultsToEgms: (message, deliver) => {
      if (message.length === 4 && message[1] === 0x01 && lost < 2) lost += 1;
      else deliver(message);
    },
  });
  await floor.clock.advance(5_000);
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toEqual({
    outcome: 'ACK',
    answer: null,
    attempts: 3,
  });
});

test('an answer that is always damaged ends as DAMAGED', async () => {
  await using floor = await aFloor({
    faultsToHost: (message, deliver) =>
      deliver(message[1] === SAS_VERSION.code ? [...message.slice(0, -1), 0x00] : message),
  });
  await floor.clock.advance(10_000);
  const result = await done(floor, floor.host.execute(1, SAS_VERSION, {}));
  expect(result).toEqual({ outcome: 'DAMAGED', attempts: 3 });
  expect(floor.host.statistics().crcErrors).toBeGreaterThanOrEqual(3);
});

test('a machine that is busy is asked three times, with another poll between', async () => {
  let busyFor = Number.POSITIVE_INFINITY;
  const isBusy = (code: number) => code === SHUTDOWN.code && busyFor-- > 0;
  await using floor = await aFloor({ machines: [{ address: 1, isBusy }] });
  await floor.clock.advance(5_000);
  const mark = floor.transcript.length;
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toEqual({ outcome: 'BUSY', attempts: 3 });
  const said = floor.transcript.slice(mark).filter((line) => line.startsWith('>'));
  for (const [at, line] of said.entries()) if (line === LOCK) expect(said[at - 1]).not.toBe(LOCK);

  busyFor = 1;
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toEqual({
    outcome: 'ACK',
    answer: null,
    attempts: 2,
  });
});

test('a frame the machine hears with a wrong CRC is refused and sent again', async () => {
  await using floor = await aFloor({
    faultsToEgms: (message, deliver) =>
      deliver(message.at(-1) === 0x08 && message.at(-2) === 0x51 ? [...message.slice(0, -1), 0x00] : message),
  });
  await floor.clock.advance(5_000);
  expect(await done(floor, floor.host.execute(1, SHUTDOWN, {}))).toEqual({ outcome: 'NACK', attempts: 3 });
  expect(floor.host.statistics().nacks).toBe(3);
});

test('nobody at the address is OFFLINE without a try', async () => {
  await using floor = await aFloor({ machines: [{ address: 1 }], addresses: [1, 2] });
  await floor.clock.advance(5_000);
  expect(await floor.host.execute(2, SHUTDOWN, {})).toEqual({ outcome: 'OFFLINE', attempts: 0 });
  expect(await floor.host.execute(3, SHUTDOWN, {})).toEqual({ outcome: 'OFFLINE', attempts: 0 });
  expect(await floor.host.readMeters(2)).toBe('OFFLINE');
});

test('a command given before the first contact waits for it', async () => {
  await using floor = await aFloor();
  const result = floor.host.execute(1, SHUTDOWN, {});
  expect(await done(floor, result)).toMatchObject({ outcome: 'ACK' });
});

test('a command to a line that goes down ends as OFFLINE', async () => {
  await using floor = await aFloor({ machines: [{ address: 1, responseDelayMs: 15 }] });
  await floor.clock.advance(5_000);
  const results = [floor.host.execute(1, SHUTDOWN, {}), floor.host.execute(1, STARTUP, {})];
  await floor.unplug();
  await floor.clock.advance(10);
  expect((await Promise.all(results)).map(({ outcome }) => outcome)).toEqual(['OFFLINE', 'OFFLINE']);
});

test('commands of one machine are carried out in the order they were given', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(5_000);
  const results = [SHUTDOWN, STARTUP, SHUTDOWN].map((poll) => floor.host.execute(1, poll, {}));
  await floor.clock.advance(1_000);
  expect((await Promise.all(results)).map(({ outcome }) => outcome)).toEqual(['ACK', 'ACK', 'ACK']);
  expect(floor.egm(1).locked).toBe(true);
});

test('a command whose outcome is not known when the host ends is rejected', async () => {
  const floor = await aFloor();
  await floor.clock.advance(5_000);
  const result = floor.host.execute(1, SHUTDOWN, {});
  const outcome = expect(result).rejects.toThrow(HostStoppedError);
  await floor[Symbol.asyncDispose]();
  await outcome;
  await expect(floor.host.execute(1, SHUTDOWN, {})).rejects.toThrow(HostStoppedError);
});
