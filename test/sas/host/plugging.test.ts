import { expect, test } from 'vitest';
import { createRandom, pick } from '../../../src/sas/simulator/random.ts';
import { aFloor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';

const POWER_APPLIED = 0x17;
const CODES = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d];

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
      machines: [
        { address: 1, responseDelayMs: 5 },
        { address: 2, responseDelayMs: 3 },
      ],
    });
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
  },
);
