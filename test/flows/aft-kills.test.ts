import { expect, test } from 'vitest';
import { Running } from '../../src/lib/running.ts';
import { between, createRandom, type Random } from '../../src/sas/simulator/random.ts';
import { MOMENTS } from '../support/aft-relay.ts';
import { type AftSite, anAftSite, commons, DEATHS, type Death } from '../support/aft-site.ts';
import { type AftStory, comesTo, FATES, type Fate, play, titleOf } from '../support/aft-story.ts';
import { anInstallation, ask, signIn } from '../support/installation.ts';
import { report, sized } from '../support/soak.ts';

const SEED = Number(process.env.AFT_SEED ?? sized({ test: 1, soak: Date.now() % 1_000_000 }));
/** Each with a machine, and a process to kill or a cable to cut. */
const SITES: Readonly<Record<Death, number>> = sized({
  test: { SERVER: 2, DRIVER: 2, CABLE: 3 },
  soak: { SERVER: 2, DRIVER: 2, CABLE: 3 },
});
/** How many of a death; in a soak all there are. */
const STORIES: Readonly<Record<Death, number>> = sized({
  test: { SERVER: 3, DRIVER: 3, CABLE: 4 },
  soak: { SERVER: 1_000, DRIVER: 1_000, CABLE: 1_000 },
});
const REPORT_EVERY = 20;
const MOST_CENTS = 1_500;
/** On a machine that does much else some hosts hear an answer too late. */
const LEAST_AS_PLANNED = 0.8;
const TIMEOUT_MS = sized({ test: 300_000, soak: 5_400_000 });

const installation = await anInstallation();
const shared = await commons(installation);
const { accessToken: token } = await signIn(shared.api, (await installation.somebody('ADMIN')).username);

/** A fate at each moment it comes to, in both directions, and in any order. */
function storiesOf(fate: Fate, random: Random): AftStory[] {
  const places = MOMENTS.flatMap((moment) =>
    (['TO_MACHINE', 'FROM_MACHINE'] as const).map((direction) => ({ direction, fate, moment })),
  );
  const made = places.filter(comesTo).map((place) => ({
    ...place,
    share: random(),
    amountMinor: BigInt(between(random, 1, MOST_CENTS)),
    isDoubted: fate === 'NO_ANSWER' && random() < 0.5,
  }));
  return shuffled(made, random);
}

const shuffled = <T>(values: readonly T[], random: Random): T[] =>
  values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);

/** One of each fate, then the next of each. */
function stories(random: Random): AftStory[] {
  const piles = shuffled(FATES, random).map((fate) => storiesOf(fate, random));
  const longest = Math.max(...piles.map(({ length }) => length));
  const dealt = Array.from({ length: longest }, (_, at) => piles.flatMap((pile) => pile[at] ?? []));
  return dealt.flat();
}

/** Every site of a death plays what none of the others has. What was wrong. */
async function playAll(death: Death, seed: number): Promise<readonly string[]> {
  const waiting = stories(createRandom(seed)).slice(0, STORIES[death]);
  const all = waiting.length;
  const faults: string[] = [];
  const note = (fault: string) => {
    faults.push(fault);
    // At once: a soak may be stopped.
    report(fault);
  };
  let played = 0;
  let asPlanned = 0;
  const playOn = async (site: AftSite): Promise<void> => {
    for (let story = waiting.shift(); story; story = waiting.shift()) {
      const title = `${death} ${titleOf(story)}`;
      try {
        const { faults: found, isToldAsIs } = await play({ installation, site, token }, story);
        for (const fault of found) note(`${title}: ${fault}`);
        played += 1;
        if (isToldAsIs) asPlanned += 1;
        if (played % REPORT_EVERY === 0) report(`${death}: ${played} stories, ${faults.length} faults`);
      } catch (error) {
        // What is left of this site is of no use for another story.
        note(`${title}: ${error}`);
        return;
      }
    }
  };
  await using sites = new Running();
  const playing: Promise<void>[] = [];
  // Begun one after the other: processes that start all at once take long.
  while (playing.length < SITES[death]) playing.push(playOn(sites.add(await anAftSite(shared, death))));
  await Promise.all(playing);
  report(`${death}: ${played} stories of ${all}, ${asPlanned} as planned, ${faults.length} faults`);
  if (asPlanned < LEAST_AS_PLANNED * played) note(`${death}: only ${asPlanned} stories went as planned`);
  return faults;
}

test('whatever dies at whichever step of a transfer, money is neither lost nor made, and what became of it is known', {
  timeout: TIMEOUT_MS,
}, async () => {
  report(`AFT_SEED=${SEED}`);
  const faults = await Promise.all(DEATHS.map((death, at) => playAll(death, SEED + at)));
  expect(faults.flat(), `AFT_SEED=${SEED}`).toEqual([]);
  const { data } = await ask(shared.api, '{ ledgerCheck { balanced faults { kind } } }', { token });
  expect(data.ledgerCheck).toEqual({ balanced: true, faults: [] });
});
