import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';

/** What some tests use beyond npm, and under which names systems have it. */
const PROGRAMS = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  'redis-server': ['redis-server'],
} as const;

/**
 * Where a program is that a test cannot do without. A laptop without it skips the test and says
 * why; on CI, where it must be installed, the test fails.
 */
export function requires(program: keyof typeof PROGRAMS, context: TestContext): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = PROGRAMS[program].flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = paths.find((path) => existsSync(path));
  if (found) return found;
  if (process.env.CI === 'true') throw new Error(`${program} is not installed, and CI must have it.`);
  return context.skip(`${program} is not installed`);
}
