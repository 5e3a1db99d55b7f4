/** How long a wrong sign-in takes for a name with an account and for one without: nobody may tell them apart. */
import { BENCH_PASSWORD, startBenchApp } from './bench-app.ts';
import { percentile } from './percentile.ts';

const TRIES = 200;
/** Fewer than lock a name out; then a sign-in of the known one forgets them, and another stranger comes. */
const TRIES_PER_NAME = 4;
const WARM_UP = 10;
const MAX_RATIO = 1.2;

await using bench = await startBenchApp(() => []);
const { auth } = bench.app.services;
const client = { userAgent: 'bench', address: '127.0.0.1' };

async function timed(identifier: string, password: string): Promise<number> {
  const started = performance.now();
  await auth.login({ identifier, password }, client).catch(() => undefined);
  return performance.now() - started;
}

const before = auth.hashingStatistics().verified;
const known: number[] = [];
const unknown: number[] = [];
const right: number[] = [];
for (let i = 0; i < WARM_UP + TRIES; i += 1) {
  const stranger = `stranger-${Math.floor(i / TRIES_PER_NAME)}`;
  // Each goes first as often as the other.
  const pair =
    i % 2 === 0
      ? { known: await timed('bench', 'wrong'), unknown: await timed(stranger, 'wrong') }
      : { unknown: await timed(stranger, 'wrong'), known: await timed('bench', 'wrong') };
  const isLast = i % TRIES_PER_NAME === TRIES_PER_NAME - 1;
  const signIn = isLast ? await timed('bench', BENCH_PASSWORD) : null;
  if (i < WARM_UP) continue;
  known.push(pair.known);
  unknown.push(pair.unknown);
  if (signIn !== null) right.push(signIn);
}

// A refusal that compares nothing is fast, and would make any two names alike.
const rounds = WARM_UP + TRIES;
const compared = auth.hashingStatistics().verified - before;
if (compared !== 2 * rounds + Math.floor(rounds / TRIES_PER_NAME))
  throw new Error(`only ${compared} passwords were compared`);

const [ofKnown, ofUnknown] = [percentile(known, 0.5), percentile(unknown, 0.5)];
const ratio = Math.max(ofKnown, ofUnknown) / Math.min(ofKnown, ofUnknown);
console.log(`login: medians of ${TRIES} wrong sign-ins each, taken in turn`);
console.log(`  a known name         ${ofKnown.toFixed(1)} ms`);
console.log(`  an unknown name      ${ofUnknown.toFixed(1)} ms`);
console.log(`  the right password   ${percentile(right, 0.5).toFixed(1)} ms`);
console.log(`  ratio                ${ratio.toFixed(3)} (less than ${MAX_RATIO})`);
if (ratio >= MAX_RATIO) process.exitCode = 1;
