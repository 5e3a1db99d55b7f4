import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A folder of migrations that goes with the test file. */
export async function migrationFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await temporaryFolder();
  await writeMigrations(dir, files);
  return dir;
}

export async function writeMigrations(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(dir, name), sql);
}
