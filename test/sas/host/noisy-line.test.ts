import { expect, test } from 'vitest';
import { createMessageFaults } from '../../../src/sas/simulator/message-faults.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { report, sized } from '../../support/soak.ts';
import { aFloor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';
import { expectSound, figuresOf, playBadly, RESPONSE_DELAY_MS, watchMachine } from './play-under-faults.ts';

const SHARE = 0.05;
const MINUTE_MS = 60_000;
/** An hour at full length. */
const PLAY_MS = sized({ test: 4, soak: 60 }) * MINUTE_MS;

test.each([
  { seed: 1, machines: 2 },
  { seed: 2, machines: 2 },
  { seed: 3, machines: 2 },
  { seed: 4, machines: 1 },
  { seed: 5, machines: 1 },
  { seed: 6, machines: 5 },
])(
  'play on a line where one message in twenty is hit, in both directions, loses and doubles nothing: seed $seed, machines $machines',
  { timeout: 1_200_000 },
  async ({ seed, machines }) => {
    const clock = aManualClock();
    const random = createRandom(seed);
    const noise = { isBad: false, hits: 0 };
    const faults = () =>
      createMessageFaults({
        share: SHARE,
        random: () => (noise.isBad ? random() : 1),
        clock,
        onFault: () => {
          noise.hits += 1;
        },
      });
    await using floor = await aFloor({
      clock,
      machines: Array.from({ length: machines }, (_, at) => ({
        address: at + 1,
        responseDelayMs: RESPONSE_DELAY_MS,
      })),
      faultsToHost: faults(),
      faultsToEgms: faults(),
    });
    const watched = floor.egms.map((egm) => ({ egm, ...watchMachine(egm) }));
    const startedMs = performance.now();
    await playBadly({ clock, egms: floor.egms, random, noise, playMs: PLAY_MS });
    const wallMs = performance.now() - startedMs;

    const { reports } = floor;
    report(`seed ${seed}: ${figuresOf({ reports, playMs: PLAY_MS, wallMs, hits: noise.hits })}`);
    expect(noise.hits).toBeGreaterThan(PLAY_MS / 1_000);
    expectSound(reports, watched, PLAY_MS);
  },
);
