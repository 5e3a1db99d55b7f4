import { expect, test } from 'vitest';
import { encodeEvent } from '../../../src/sas/codec/event-data.ts';
import { REAL_TIME_EVENTS } from '../../../src/sas/codec/long-polls/control.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import type { Faults } from '../../../src/sas/simulator/faults.ts';
import { createRandom, pick, type Random } from '../../../src/sas/simulator/random.ts';
import { aFloor, type Floor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';

const POWER_APPLIED = 0x17;
const DOOR_OPENED = 0x11;
const DOOR_CLOSED = 0x12;
const COINS = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d];

/** The queue of a machine holds twenty. */
const QUEUE = 20;

async function anOnlineFloor(options: Parameters<typeof aFloor>[0] = {}): Promise<Floor> {
  const floor = await aFloor(options);
  await floor.clock.advance(5_000);
  return floor;
}

const isIdle = ({ egms }: Floor) => egms.every((egm) => egm.state().queuedExceptions.length === 0);

async function drain(floor: Floor, withinMs = 120_000): Promise<void> {
  for (let ms = 0; ms < withinMs && !isIdle(floor); ms += 200) await floor.clock.advance(200);
  // One that was acknowledged just now may still be on its way.
  await floor.clock.advance(2_000);
}

test('exceptions are told in the order they were raised, each once', async () => {
  await using floor = await anOnlineFloor();
  for (const code of COINS) floor.egm(1).raise(code);
  await drain(floor);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, ...COINS]);
  expect(floor.host.statistics().exceptions).toBe(COINS.length + 1);
});

test('two of the same code are two', async () => {
  await using floor = await anOnlineFloor();
  for (const code of [DOOR_OPENED, DOOR_OPENED, DOOR_OPENED]) floor.egm(1).raise(code);
  await drain(floor);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, DOOR_OPENED, DOOR_OPENED, DOOR_OPENED]);
});

test('an exception nobody has a name for is told too', async () => {
  await using floor = await anOnlineFloor();
  floor.egm(1).raise(0xc7);
  await drain(floor);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, 0xc7]);
});

interface BadLine {
  readonly faults: Faults;
  readonly damaged: () => number;
  start(): void;
}

/** Damages a tenth of all answers, in every way that can be told from a good one. */
function aBadLine(random: Random): BadLine {
  let isBad = false;
  let damaged = 0;
  return {
    start() {
      isBad = true;
    },
    damaged: () => damaged,
    faults(message, deliver) {
      if (!isBad || random() >= 0.1) return deliver(message);
      damaged += 1;
      const noise = Math.floor(random() * 256);
      const inData = message.length - 3;
      const flipped = message.map((symbol, at) =>
        at === inData && symbol !== 'error' ? symbol ^ 1 : symbol,
      );
      const ways = [
        [],
        [noise, ...message],
        [...message, noise],
        [...message, ...message],
        message.slice(0, -1),
      ];
      deliver(pick(random, inData > 0 ? [...ways, flipped] : ways));
    },
  };
}

test.each([1, 2, 3])(
  'with a tenth of all answers damaged nothing is lost, doubled or out of order, seed %d',
  async (seed) => {
    const random = createRandom(seed);
    const { faults, start, damaged } = aBadLine(random);
    const machines = [{ address: 1 }, { address: 2 }, { address: 0x11 }];
    await using floor = await anOnlineFloor({ machines, faultsToHost: faults });
    start();
    const raised = new Map(floor.egms.map(({ address }) => [address, [POWER_APPLIED]]));
    for (let round = 0; round < 60; round += 1) {
      for (const egm of floor.egms) {
        const codes = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random, COINS));
        if (egm.state().queuedExceptions.length + codes.length > QUEUE) continue;
        for (const code of codes) egm.raise(code);
        raised.get(egm.address)?.push(...codes);
      }
      await floor.clock.advance(400 + random() * 800);
    }
    await drain(floor);

    for (const [address, codes] of raised)
      expect(floor.exceptions(address), `machine ${address}`).toEqual(codes);
    expect(damaged()).toBeGreaterThan(100);
    expect(floor.host.statistics().damaged + floor.host.statistics().silences).toBeGreaterThan(50);
  },
);

test.each([1, 2, 3])(
  'answers that come too late are not taken for those of another poll or machine, seed %d',
  async (seed) => {
    const random = createRandom(seed);
    const clock = aManualClock();
    let isSlow = false;
    await using floor = await anOnlineFloor({
      clock,
      machines: [{ address: 1 }, { address: 2 }],
      timing: { responseTimeoutMs: 40, missedPollsUntilOffline: 10 },
      faultsToHost: (message, deliver) => {
        if (!isSlow || random() > 0.1) return deliver(message);
        clock.setTimer(45 + random() * 100, () => deliver(message));
      },
    });
    isSlow = true;
    const raised = new Map(floor.egms.map(({ address }) => [address, [POWER_APPLIED]]));
    for (let round = 0; round < 100; round += 1) {
      for (const egm of floor.egms) {
        const code = pick(random, COINS);
        egm.raise(code);
        raised.get(egm.address)?.push(code);
      }
      await clock.advance(700);
    }
    await drain(floor);
    for (const [address, codes] of raised)
      expect(floor.exceptions(address), `machine ${address}`).toEqual(codes);
    expect(floor.host.statistics().silences).toBeGreaterThan(20);
  },
);

test('an exception whose answer is lost again and again is not acknowledged by the poll of a neighbour', async () => {
  let isDeaf = false;
  await using floor = await anOnlineFloor({
    machines: [{ address: 1 }, { address: 2 }],
    faultsToHost: (message, deliver) => {
      if (!isDeaf || message[0] !== DOOR_OPENED) deliver(message);
    },
  });
  const mark = floor.transcript.length;
  isDeaf = true;
  floor.egm(1).raise(DOOR_OPENED);
  for (let ms = 0; ms < 10_000 && floor.links(1).at(-1) !== 'OFFLINE'; ms += 10)
    await floor.clock.advance(10);
  // It counts as offline, and is asked the same all the same.
  await floor.clock.advance(800);
  const said = floor.transcript.slice(mark).filter((line) => line.startsWith('>'));
  expect(said.slice(-5)).toEqual(['> 81', '> 81', '> 81', '> 81', '> 81']);
  isDeaf = false;
  await floor.clock.advance(5_000);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, DOOR_OPENED]);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE', 'ONLINE']);
  expect(floor.links(2)).toEqual(['ONLINE']);
});

test('on a line with trouble an exception counts when it is said twice', async () => {
  const random = createRandom(23);
  let isBad = false;
  await using floor = await anOnlineFloor({
    faultsToHost: (message, deliver) => {
      if (!isBad || message.length > 1) deliver(message);
      else if (message[0] === 0x00) deliver(random() < 0.3 ? [0x00, 0x00] : message);
      // A flipped bit in a lone byte: nothing in it tells.
      else deliver(random() < 0.1 ? [DOOR_CLOSED] : message);
    },
  });
  isBad = true;
  for (let round = 0; round < 60; round += 1) {
    await floor.clock.advance(500);
    floor.egm(1).raise(DOOR_OPENED);
    await floor.clock.advance(1_500);
  }
  await drain(floor);
  // Misheard once in ten times, but once in a hundred times twice in a row.
  expect(floor.exceptions(1).filter((code) => code === DOOR_CLOSED).length).toBeLessThanOrEqual(2);
  expect(floor.exceptions(1)).toHaveLength(61);
});

test('an exception that is not stored is not acknowledged: the machine keeps it until it is', async () => {
  let refusals = 0;
  const report = async (made: HostReport) => {
    if (made.kind !== 'exception' || made.code !== DOOR_OPENED || refusals >= 6) return;
    refusals += 1;
    throw new Error('the database is away');
  };
  await using floor = await anOnlineFloor({ machines: [{ address: 1 }, { address: 2 }], report });
  floor.egm(1).raise(DOOR_OPENED);
  floor.egm(2).raise(DOOR_CLOSED);

  await floor.clock.advance(1_000);
  const mark = floor.transcript.length;
  await floor.clock.advance(3_000);
  expect(refusals).toBeGreaterThan(3);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED]);
  expect(
    floor
      .egm(1)
      .state()
      .queuedExceptions.map(({ code }) => code),
  ).toEqual([DOOR_OPENED]);
  const said = floor.transcript.slice(mark).filter((line) => line.startsWith('>'));
  expect(said.length).toBeGreaterThanOrEqual(2);
  expect(new Set(said)).toEqual(new Set(['> 81']));

  await floor.clock.advance(15_000);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, DOOR_OPENED]);
  expect(floor.exceptions(2)).toEqual([POWER_APPLIED, DOOR_CLOSED]);
  expect(isIdle(floor)).toBe(true);
  expect(floor.host.statistics().reportErrors).toBe(6);
});

test('an exception that could not be stored for longer than the machine waits is still told once', async () => {
  let isAway = true;
  const report = async (made: HostReport) => {
    if (isAway && made.kind === 'exception' && made.code === DOOR_OPENED)
      throw new Error('the database is away');
  };
  await using floor = await anOnlineFloor({ report });
  floor.egm(1).raise(DOOR_OPENED);
  await floor.clock.advance(60_000);
  isAway = false;
  floor.egm(1).raise(DOOR_CLOSED);
  floor.egm(1).raise(DOOR_OPENED);
  await drain(floor);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, DOOR_OPENED, DOOR_CLOSED, DOOR_OPENED]);
});

test('a machine is told of the acknowledgement even when the port closed before it was stored', async () => {
  let store: () => void = () => {};
  const report = (made: HostReport): Promise<void> => {
    if (made.kind !== 'exception' || made.code !== DOOR_OPENED) return Promise.resolve();
    return new Promise((resolve) => {
      store = resolve;
    });
  };
  await using floor = await anOnlineFloor({ report });
  floor.egm(1).raise(DOOR_OPENED);
  await floor.clock.advance(500);
  await floor.unplug();
  await floor.clock.advance(500);
  store();
  await floor.clock.advance(10_000);
  await floor.plug();
  floor.egm(1).raise(DOOR_CLOSED);
  await drain(floor);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED, DOOR_OPENED, DOOR_CLOSED]);
});

test('a machine that was reporting when the line closed is the first to be asked when it opens again', async () => {
  await using floor = await anOnlineFloor({
    machines: [{ address: 1 }, { address: 2 }, { address: 3, responseDelayMs: 15 }],
  });
  const before = floor.exceptions(3).length;
  floor.egm(3).raise(DOOR_OPENED);
  for (let ms = 0; ms < 1_000 && floor.transcript.at(-1) !== '> 83'; ms += 1) await floor.clock.advance(1);
  await floor.unplug();
  await floor.clock.advance(300);
  await floor.plug();
  const mark = floor.transcript.length;
  await floor.clock.advance(20_000);
  expect(floor.transcript[mark]).toBe('> 83');
  expect(floor.exceptions(3).slice(before)).toEqual([DOOR_OPENED]);
});

test('the same general poll follows its like exactly when the answer is not yet stored', async () => {
  const random = createRandom(11);
  const { faults, start } = aBadLine(random);
  await using floor = await anOnlineFloor({ faultsToHost: faults });
  start();
  const mark = floor.transcript.length;
  for (let round = 0; round < 40; round += 1) {
    floor.egm(1).raise(pick(random, COINS));
    await floor.clock.advance(300);
  }
  await drain(floor);

  let repetitions = 0;
  let isPolled = false;
  let isStored = false;
  for (const line of floor.transcript.slice(mark)) {
    if (line.startsWith('= ')) isStored = true;
    if (!line.startsWith('> ')) continue;
    if (line === '> 81' && isPolled) repetitions += 1;
    // Nothing but an acknowledgement may follow what is stored, and nothing else acknowledges.
    if (isStored) expect(line).toBe('> 80');
    isPolled = line === '> 81';
    isStored = false;
  }
  expect(repetitions).toBeGreaterThan(5);
  expect(floor.exceptions(1)).toHaveLength(41);
});

test('on a clean line no general poll follows its like, and every exception is acknowledged before the next poll', async () => {
  await using floor = await anOnlineFloor({ machines: [{ address: 1 }] });
  const mark = floor.transcript.length;
  for (const code of COINS) floor.egm(1).raise(code);
  await drain(floor);

  const lines = floor.transcript.slice(mark);
  const said = lines.filter((line) => line.startsWith('>'));
  for (const [at, line] of said.entries())
    if (at > 0) expect(`${said[at - 1]} ${line}`).not.toBe('> 81 > 81');
  for (const [at, line] of lines.entries()) {
    if (lines[at - 1] !== '> 81' || line === '< 00') continue;
    expect(lines.slice(at + 1, at + 3)).toEqual([line.replace('<', '='), '> 80']);
  }
  expect(floor.exceptions(1)).toHaveLength(COINS.length + 1);
});

test('events of a machine in real-time mode are told with their data, and the polls they stood in for are asked again', async () => {
  await using floor = await anOnlineFloor();
  const switched = floor.host.execute(1, REAL_TIME_EVENTS, { enabled: true });
  await floor.clock.advance(500);
  expect(await switched).toMatchObject({ outcome: 'ACK' });
  floor.egm(1).insertBill(20n);
  floor.egm(1).play({ wager: 5n, win: 10n });
  const read = floor.host.readMeters(1);
  await floor.clock.advance(2_000);

  const told = floor.reports.filter((made) => made.kind === 'exception').slice(1);
  expect(told.map(({ code, realTime }) => [code, realTime])).toEqual([
    [0x4f, true],
    [0x7e, true],
    [0x7f, true],
  ]);
  expect(told[0]).toMatchObject({ data: { kind: 'BILL_ACCEPTED', count: 1n } });
  expect(await read).toBe('READ');
  expect(floor.meter(1, 0x000c)).toBe(2_005n);
});

test('an event that says nothing happened is not told, and the poll it stood in for is asked again', async () => {
  let stoodIn = 0;
  await using floor = await anOnlineFloor({
    faultsToHost: (message, deliver) => {
      const isVersion = message[1] === 0x54 && stoodIn < 2;
      if (isVersion) stoodIn += 1;
      deliver(isVersion ? [...encodeEvent(1, stoodIn === 1 ? 0x00 : 0x1f, null)] : message);
    },
  });
  expect(stoodIn).toBe(2);
  expect(floor.exceptions(1)).toEqual([POWER_APPLIED]);
  expect(floor.latest('identity', 1)?.identity.sasVersion).toBe('602');
});

test('a machine that another host left in real-time mode, silent when idle, is found again', async () => {
  await using floor = await anOnlineFloor({ machines: [{ address: 1, reportsIdleInRealTime: false }] });
  void floor.host.execute(1, REAL_TIME_EVENTS, { enabled: true });
  await floor.clock.advance(1_500);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE']);

  await floor.clock.advance(10_000);
  expect(floor.links(1)).toEqual(['ONLINE', 'OFFLINE', 'ONLINE']);
  expect(floor.egm(1).state().realTime).toBe(false);
});
