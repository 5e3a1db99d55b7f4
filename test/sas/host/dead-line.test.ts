import { describe, expect, test } from 'vitest';
import { createRandom, pick } from '../../../src/sas/simulator/random.ts';
import { aFloor, type Floor, type FloorOptions } from './floor.ts';
import { aManualClock } from './manual-clock.ts';

/** A line on which everybody falls silent at once while its port stays open. */

const POWER_APPLIED = 0x17;
const CODES = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d];
const ADDRESSES = Array.from({ length: 32 }, (_, at) => at + 1);
/** What it takes to leave the first that is silent, and then three polls of each of the others. */
const MOST_POLLS = 20 + 3 * ADDRESSES.length;

/** DEAD: nothing arrives at either end. DEAF: the machines hear the host, and the host does not hear them. */
type Fault = 'DEAD' | 'DEAF';

interface DyingFloor extends AsyncDisposable {
  readonly floor: Floor;
  fault: Fault | null;
  /** The next poll of a machine is the first that nobody hears: whatever was answered before is acknowledged. */
  dieWithNextPoll(): void;
  revive(): void;
}

const SYNC = 0x180;

async function aDyingFloor(options: FloorOptions = {}): Promise<DyingFloor> {
  const dying: { fault: Fault | null } = { fault: null };
  let isDying = false;
  const floor = await aFloor({
    clock: aManualClock(),
    machines: ADDRESSES.map((address) => ({ address, responseDelayMs: 5 })),
    faultsToEgms(message, deliver) {
      if (isDying && message.some((symbol) => symbol !== SYNC)) {
        isDying = false;
        dying.fault = 'DEAD';
      }
      deliver(dying.fault === 'DEAD' ? [] : message);
    },
    faultsToHost: (message, deliver) => deliver(dying.fault === null ? message : []),
    ...options,
  });
  await floor.clock.advance(60_000);
  expect(linksOf(floor)).toEqual(Array(ADDRESSES.length).fill('ONLINE'));
  return Object.assign(dying, {
    floor,
    dieWithNextPoll() {
      isDying = true;
    },
    revive() {
      isDying = false;
      dying.fault = null;
    },
    [Symbol.asyncDispose]: () => floor[Symbol.asyncDispose](),
  });
}

const linksOf = (floor: Floor) => ADDRESSES.map((address) => floor.latest('link', address)?.state);

describe.each(['DEAD', 'DEAF'] as const)('on a line that is %s', (fault) => {
  test('32 machines are offline after three missed polls each, once the first of them was left', async () => {
    await using dying = await aDyingFloor();
    const { floor } = dying;
    const machines = () => floor.host.statistics().machines;
    const before = { ...floor.host.statistics(), machines: new Map(machines()) };
    dying.fault = fault;
    const startedAtMs = floor.clock.nowMs();
    while (linksOf(floor).includes('ONLINE') && floor.clock.nowMs() < startedAtMs + 300_000)
      await floor.clock.advance(10);
    expect(linksOf(floor)).toEqual(Array(ADDRESSES.length).fill('OFFLINE'));
    expect(floor.host.statistics().polls - before.polls).toBeLessThan(MOST_POLLS);
    expect(floor.clock.nowMs() - startedAtMs).toBeLessThan(30_000);
    const missed = ADDRESSES.map(
      (address) => (machines().get(address)?.silences ?? 0) - (before.machines.get(address)?.silences ?? 0),
    );
    expect(Math.min(...missed)).toBe(3);
    await floor.clock.advance(1);
    expect(floor.latest('loop')?.state).toBe('BROKEN');

    dying.revive();
    await floor.clock.advance(60_000);
    expect(linksOf(floor)).toEqual(Array(ADDRESSES.length).fill('ONLINE'));
    expect(floor.latest('loop')?.state).toBe('WHOLE');
  });
});

test('a machine that hears and is not heard keeps what it has to tell, but for the one that was asked to the end', async () => {
  await using dying = await aDyingFloor();
  const { floor } = dying;
  dying.fault = 'DEAF';
  const left = () => ADDRESSES.find((address) => floor.latest('link', address)?.state === 'OFFLINE');
  while (left() === undefined) await floor.clock.advance(10);
  const asked = left();
  for (const egm of floor.egms) if (egm.address !== asked) egm.raise(0x29);
  await floor.clock.advance(120_000);
  dying.revive();
  await floor.clock.advance(60_000);
  for (const address of ADDRESSES)
    if (address !== asked)
      expect(floor.exceptions(address), `machine ${address}`).toEqual([POWER_APPLIED, 0x29]);
});

test.each([1, 2, 3, 4])(
  'a line that dies briefly or for long neither loses an exception nor tells it twice, seed %d',
  { timeout: 240_000 },
  async (seed) => {
    const random = createRandom(seed);
    const clock = aManualClock();
    await using dying = await aDyingFloor({
      clock,
      // Half of the seeds with a consumer that is slow, so that the line dies while something is being stored.
      report: (): Promise<void> =>
        new Promise((resolve) => {
          if (seed % 2 === 0) resolve();
          else clock.setTimer(random() * 120, resolve);
        }),
    });
    const { floor } = dying;
    const raised = new Map(floor.egms.map(({ address }) => [address, [POWER_APPLIED]]));
    for (let round = 0; round < 12; round += 1) {
      for (const egm of floor.egms) {
        if (egm.state().queuedExceptions.length > 12 || random() < 0.5) continue;
        const code = pick(random, CODES);
        egm.raise(code);
        raised.get(egm.address)?.push(code);
      }
      await clock.advance(random() * 900);
      // Either nobody is left meanwhile, or every machine drops the link and says again what was not acknowledged.
      const isLong = round % 3 === 0;
      if (isLong || random() < 0.5) dying.dieWithNextPoll();
      else dying.fault = 'DEAF';
      await clock.advance(isLong ? 6_000 + random() * 30_000 : random() * 1_500);
      dying.revive();
      for (let ms = 0; ms < 60_000 && linksOf(floor).includes('OFFLINE'); ms += 100) await clock.advance(100);
    }
    await clock.advance(120_000);
    for (const [address, codes] of raised)
      expect(floor.exceptions(address), `machine ${address}`).toEqual(codes);
    expect(floor.host.statistics().loopBreaks).toBeGreaterThan(0);
  },
);
