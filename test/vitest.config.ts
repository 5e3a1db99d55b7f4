import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Each has a process that has done nothing else. */
const ALONE = [
  // They measure what is left in the memory of their process.
  'test/http/leaks.test.ts',
  'test/sas/host/garbage.test.ts',
  // They add to the one schema that there is in a process.
  'test/graphql/builder.test.ts',
  'test/graphql/root-fields.test.ts',
  'test/flows/grants.test.ts',
];

const project = (name: string, test: TestProjectInlineConfiguration['test']) => ({
  root: ROOT,
  resolve: {
    alias: [
      // Vite would give the tests `index.mjs` where Pothos and Yoga get `index.js`: two realms of graphql.
      { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') },
      { find: './port-program.ts', replacement: join(ROOT, 'test/support/port-program.ts') },
    ],
  },
  test: {
    name,
    pool: 'forks' as const,
    setupFiles: ['test/support/file-setup.ts'],
    // Longer than any wait of a test, which says what it waited for.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...test,
  },
});

export default defineConfig({
  root: ROOT,
  test: {
    // Once for both.
    globalSetup: ['test/support/global-setup.ts'],
    // Many tests wait for a machine or a process most of the time: two cores have room for four.
    maxWorkers: 4,
    projects: [
      project('alone', { include: ALONE }),
      // To load the application takes longer than most of them: a process loads it once for all the files it runs.
      project('together', {
        include: ['test/**/*.test.ts'],
        exclude: [...configDefaults.exclude, ...ALONE],
        isolate: false,
      }),
    ],
  },
});
