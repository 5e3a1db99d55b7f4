/**
 * `npm run soak -- <name> …`: the promises of delivery, each at full length, and the lines under noise.
 *
 * The stories are those of the tests, which `npm test` tells in short. `TEST_DATABASE_URL` takes a
 * PostgreSQL for them; without it they start one.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is run for a name: files of tests, or a script of its own. */
const SOAKS: Readonly<Record<string, readonly string[] | (() => Promise<unknown>)>> = {
  sas: async () => {
    await import('./soak-sas.ts');
    if (!tell(PLAY)) process.exitCode = 1;
  },
  aft: [
    'test/sas/host/aft-cuts.test.ts',
    'test/sas/host/aft-noise.test.ts',
    'test/machine/aft-saga.test.ts',
    'test/machine/aft-cash-out-saga.test.ts',
    'test/flows/aft-kills.test.ts',
  ],
  cuts: ['test/flows/cuts.test.ts'],
  seam: ['test/flows/seam.test.ts'],
  rights: ['test/flows/rights-under-load.test.ts'],
  slow: ['test/flows/slow.test.ts'],
  resume: ['test/flows/resume.test.ts'],
  bank: ['test/flows/bank.test.ts'],
  slots: ['test/flows/slot-races.test.ts'],
  editors: ['test/flows/layout-editors.test.ts'],
  players: ['test/flows/fleet.test.ts', 'test/flows/jackpot-screen.test.ts'],
  kill: ['test/flows/kill.test.ts', 'test/flows/kill-embedded.test.ts'],
};

/** An hour of play, by the clock of the line, on lines where one message in twenty is hit. */
const PLAY = ['test/sas/host/noisy-line.test.ts', 'test/sas/host/noisy-transports.test.ts'];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in SOAKS));
if (unknown.length > 0) {
  console.error(`There is no soak ${unknown.join(', ')}. There are: ${Object.keys(SOAKS).join(', ')}.`);
  process.exit(2);
}
const failed: string[] = [];
for (const name of names.length > 0 ? names : Object.keys(SOAKS)) {
  const soak = SOAKS[name];
  console.log(`── ${name}`);
  if (typeof soak === 'function') {
    await soak();
    if (process.exitCode) failed.push(name);
    process.exitCode = 0;
  } else if (soak && !tell(soak)) failed.push(name);
}
console.log(failed.length > 0 ? `Failed: ${failed.join(', ')}` : 'All of it passed.');
process.exit(failed.length > 0 ? 1 : 0);

/** One after the other: a figure of one story must not be the load of another. */
function tell(files: readonly string[]): boolean {
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'test/vitest.config.ts',
      '--no-file-parallelism',
      ...files,
    ],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, SOAK: '1' },
      stdio: 'inherit',
    },
  );
  return status === 0;
}
