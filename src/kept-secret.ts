import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderSync } from './lib/folder.ts';

/**
 * What takes the place of SECRET_KEY outside production: made once and kept, so that tokens survive a restart.
 *
 * @throws what keeps it from being kept or read
 */
export function keptSecret(dataDir: string): string {
  const file = join(dataDir, 'secret');
  try {
    if (!existsSync(file)) {
      makeFolderSync(dataDir, 0o700);
      writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
    }
  } catch (error) {
    // EEXIST: another process made it first.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST' && existsSync(file)))
      throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
