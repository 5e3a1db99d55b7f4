import { expect, test } from 'vitest';
import { playing } from '../../../src/sas/simulator/behaviours/playing.ts';
import { createMessageFaults } from '../../../src/sas/simulator/message-faults.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { sized } from '../../support/soak.ts';
import { aFloor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';
import { exceptionsOf, expectSameMeters, watchMachine } from './play-under-faults.ts';

const SHARE = 0.05;
const MINUTE_MS = 60_000;
/**
 * Three polls in a row are lost a few times in an hour here. A machine that counts as gone then has its report
 * acknowledged by the next poll to another one, as SAS has it: this line is given up later.
 */
const PATIENCE = 12;
/** An hour at full length. */
const PLAY_MS = sized({ test: 4, soak: 60 }) * MINUTE_MS;

test.each([1, 2, 3])(
  'play on a line where one message in twenty is hit, in both directions, loses and doubles nothing, seed %d',
  { timeout: 600_000 },
  async (seed) => {
    const clock = aManualClock();
    const random = createRandom(seed);
    let isBad = false;
    let hits = 0;
    const faults = () =>
      createMessageFaults({
        share: SHARE,
        random: () => (isBad ? random() : 1),
        clock,
        onFault: () => {
          hits += 1;
        },
      });
    await using floor = await aFloor({
      clock,
      machines: [{ address: 1 }, { address: 2 }],
      timing: { missedPollsUntilOffline: PATIENCE },
      faultsToHost: faults(),
      faultsToEgms: faults(),
    });
    const watched = floor.egms.map((egm) => ({ egm, ...watchMachine(egm) }));
    await clock.advance(5_000);
    isBad = true;
    const players = floor.egms.map((egm) => playing(egm, { random, clock }));
    await clock.advance(PLAY_MS);
    for (const player of players) player[Symbol.dispose]();
    await clock.advance(20_000);
    isBad = false;
    await clock.advance(20_000);

    expect(hits).toBeGreaterThan(PLAY_MS / 1_000);
    for (const { egm, raised, faults: unsound } of watched) {
      expect(raised.length).toBeGreaterThan(PLAY_MS / 10_000);
      expect(exceptionsOf(floor.reports, egm.address), `machine ${egm.address}`).toEqual(raised);
      expectSameMeters(floor.reports, egm);
      expect(unsound).toEqual([]);
    }
  },
);
