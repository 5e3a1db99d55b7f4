import { hash, parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { ARGON2_OPTIONS, createPasswordHasher } from '../../src/auth/password-hasher.ts';
import { TimeoutError } from '../../src/lib/errors.ts';

const PASSWORD = 'a tractor hums at noon';

test('a hash is argon2id with 19 MiB, two passes, one lane, 32 bytes and a salt of 16', async () => {
  const hasher = await createPasswordHasher();
  const hash = await hasher.hash(PASSWORD);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(parseOptions(hash)).toMatchObject({ outputLen: 32, saltLen: 16 });
});

test('two hashes of one password differ, and both verify it and nothing else', async () => {
  const hasher = await createPasswordHasher();
  const [first, second] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
  expect(first).not.toBe(second);
  expect(await hasher.verify(first, PASSWORD)).toBe(true);
  expect(await hasher.verify(second, PASSWORD)).toBe(true);
  expect(await hasher.verify(first, `${PASSWORD} `)).toBe(false);
});

test('nobody has a password, and finding that out is counted as any comparison', async () => {
  const hasher = await createPasswordHasher();
  expect(await hasher.verify(null, PASSWORD)).toBe(false);
  expect(hasher.statistics()).toMatchObject({ verified: 1, hashed: 0 });
});

test('no more run at once than allowed, the rest wait in line, and what exceeds the line is refused', async () => {
  const hasher = await createPasswordHasher({ maxRunning: 1, maxWaiting: 2 });
  const settled = Promise.allSettled(Array.from({ length: 6 }, () => hasher.hash(PASSWORD)));
  expect(hasher.statistics()).toEqual({ hashed: 1, verified: 0, refused: 3, running: 1, waiting: 2 });

  const results = await settled;
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ]);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  for (const reason of reasons) expect(reason).toBeInstanceOf(TimeoutError);
  expect(hasher.statistics()).toEqual({ hashed: 3, verified: 0, refused: 3, running: 0, waiting: 0 });
});

test('a comparison that fails gives its place to the next', async () => {
  const hasher = await createPasswordHasher({ maxRunning: 1, maxWaiting: 1 });
  const broken = hasher.verify('not a hash', PASSWORD);
  const next = hasher.verify(null, PASSWORD);
  await expect(broken).rejects.toThrow();
  expect(await next).toBe(false);
  expect(hasher.statistics()).toMatchObject({ running: 0, waiting: 0 });
});

test.each([
  [{ memoryCost: 19_456, timeCost: 2 }, true],
  [{ memoryCost: 32_768, timeCost: 2 }, true],
  [{ memoryCost: 19_456, timeCost: 3 }, true],
  [{ memoryCost: 32_768, timeCost: 3 }, false],
  [{ memoryCost: 65_536, timeCost: 4 }, false],
])('where 32 MiB and three passes are set, a hash of %j is cheaper: %s', async (made, isCheaper) => {
  const hasher = await createPasswordHasher({ cost: { memoryKib: 32_768, passes: 3 } });
  const stored = await hash(PASSWORD, { ...ARGON2_OPTIONS, ...made });
  expect(hasher.needsRehash(stored)).toBe(isCheaper);
  expect(hasher.needsRehash(await hasher.hash(PASSWORD))).toBe(false);
});

/** What this process has computed so far, in microseconds: other than the clock, it stands while others compute. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

test('a wrong password takes as long for a hash five times cheaper, for one of now and for nobody', async () => {
  const hasher = await createPasswordHasher({ cost: { memoryKib: 65_536, passes: 3 } });
  const stored = {
    cheap: await hash(PASSWORD, ARGON2_OPTIONS),
    today: await hasher.hash(PASSWORD),
    nobody: null,
  };
  const times = { cheap: [] as number[], today: [] as number[], nobody: [] as number[] };
  for (let round = 0; round < 7; round += 1) {
    for (const name of ['cheap', 'today', 'nobody'] as const) {
      const started = cpuTime();
      expect(await hasher.verify(stored[name], 'wrong')).toBe(false);
      times[name].push(cpuTime() - started);
    }
  }
  const median = (of: readonly number[]) => [...of].sort((a, b) => a - b)[3] ?? Number.NaN;
  const medians = [median(times.cheap), median(times.today), median(times.nobody)];
  // Without the work that is made up for, the first is a fifth.
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.6);
});
