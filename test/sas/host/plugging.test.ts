import { expect, test } from 'vitest';
import type { Clock, Port, Sent } from '../../../src/sas/host/port.ts';
import { createRandom, pick, type Random } from '../../../src/sas/simulator/random.ts';
import { aFloor, type Floor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';

const POWER_APPLIED = 0x17;
const BILL_ACCEPTED_20 = 0x4a;
const CODES = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d];

/** A line whose messages take their time to leave, and with it go those that have not when it is unplugged. */
function slowToLeave(line: Port, clock: Clock, leavingMs: () => number): Port {
  let sent: (sent: Sent) => void = () => {};
  let last = Promise.resolve();
  return {
    ...line,
    send(symbols) {
      last = last.then(() => new Promise((resolve) => clock.setTimer(leavingMs(), resolve)));
      void last.then(() => {
        line.send(symbols);
        sent({ hasLeft: true, gapMs: null });
      });
    },
    onSent(listener) {
      sent = listener;
    },
  };
}

async function playUnplugged(random: Random, floor: Floor): Promise<void> {
  await floor.clock.advance(5_000);
  const raised = new Map(floor.egms.map(({ address }) => [address, [POWER_APPLIED]]));
  for (let round = 0; round < 40; round += 1) {
    for (const egm of floor.egms) {
      if (egm.state().queuedExceptions.length > 15) continue;
      const code = pick(random, CODES);
      egm.raise(code);
      raised.get(egm.address)?.push(code);
    }
    await floor.clock.advance(random() * 900);
    await floor.unplug();
    await floor.clock.advance(random() * 9_000);
    await floor.plug();
    await floor.clock.advance(random() * 4_000);
  }
  await floor.clock.advance(60_000);
  for (const [address, codes] of raised)
    expect(floor.exceptions(address), `machine ${address}`).toEqual(codes);
  expect(floor.host.statistics().reopenings).toBeGreaterThan(10);
}

const MACHINES = [
  { address: 1, responseDelayMs: 5 },
  { address: 2, responseDelayMs: 3 },
];

test.each([1, 2, 3, 4, 5, 6])(
  'a line unplugged at any moment neither loses an exception nor tells it twice, seed %d',
  async (seed) => {
    const random = createRandom(seed);
    const clock = aManualClock();
    await using floor = await aFloor({
      clock,
      // Half of the seeds with a consumer that is slow, so that ports close while something is being stored.
      report: (): Promise<void> =>
        new Promise((resolve) => {
          if (seed % 2 === 0) resolve();
          else clock.setTimer(random() * 120, resolve);
        }),
      machines: MACHINES,
    });
    await playUnplugged(random, floor);
  },
);

test.each([1, 2, 3, 4, 5, 6])(
  'nor does one that is unplugged before what was sent has left, seed %d',
  async (seed) => {
    const random = createRandom(seed);
    const clock = aManualClock();
    await using floor = await aFloor({
      clock,
      through: (line) => slowToLeave(line, clock, () => random() * 60),
      machines: MACHINES,
    });
    await playUnplugged(random, floor);
  },
);

test('a handpay is told once when the line is unplugged before its acknowledgement has left', async () => {
  const clock = aManualClock();
  await using floor = await aFloor({
    clock,
    through: (line) => slowToLeave(line, clock, () => 30),
    async report({ kind }) {
      if (kind === 'handpay') clock.setTimer(10, () => void floor.unplug());
    },
  });
  await floor.clock.advance(5_000);
  const amounts = [20n, 20n, 50n];
  for (const dollars of amounts) {
    floor.egm(1).insertBill(dollars);
    await floor.clock.advance(5_000);
    floor.egm(1).cashOut();
    await floor.clock.advance(5_000);
    await floor.plug();
    // By then a machine that was not told would say it again.
    await floor.clock.advance(40_000);
    floor.egm(1).resetHandpay();
  }
  await floor.clock.advance(10_000);
  const told = floor.reports.flatMap((made) => (made.kind === 'handpay' ? made.cents : []));
  expect(told).toEqual(amounts.map((dollars) => dollars * 100n));
  expect(floor.host.statistics().reopenings).toBe(amounts.length);
});

test.each([1, 2, 3])(
  'a machine that comes back is heard to the end, though its first %d answers are lost',
  async (many) => {
    let left = 0;
    await using floor = await aFloor({
      machines: MACHINES,
      faultsToHost(symbols, deliver) {
        if (left > 0 && symbols[0] === BILL_ACCEPTED_20) left -= 1;
        else deliver(symbols);
      },
    });
    await floor.clock.advance(5_000);
    await floor.unplug();
    for (const egm of floor.egms) egm.insertBill(20n);
    await floor.clock.advance(3_000);
    left = many;
    await floor.plug();
    await floor.clock.advance(60_000);
    for (const { address } of MACHINES)
      expect(floor.exceptions(address), `machine ${address}`).toEqual([POWER_APPLIED, BILL_ACCEPTED_20]);
  },
);
