import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';

/** Where Debian keeps servers; an ordinary user's PATH does not lead there. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];

/** What some tests use beyond npm, and under which names systems have it. */
const PROGRAMS = {
  chromium: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
  jq: ['jq'],
  nginx: ['nginx'],
  openssl: ['openssl'],
  psql: ['psql'],
  'redis-server': ['redis-server'],
} as const;

/**
 * Where a program is that a test cannot do without. A laptop without it skips the test and says
 * why; on CI, where it must be installed, the test fails.
 */
export function requires(program: keyof typeof PROGRAMS, context: TestContext): string {
  const paths = PROGRAMS[program].flatMap((name) => FOLDERS.map((folder) => join(folder, name)));
  const found = paths.find((path) => existsSync(path));
  if (found) return found;
  if (process.env.CI === 'true') throw new Error(`${program} is not installed, and CI must have it.`);
  return context.skip(`${program} is not installed`);
}
