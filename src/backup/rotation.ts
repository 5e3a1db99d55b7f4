import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBackupName } from './backup-format.ts';

const DAY_MS = 86_400_000;

/** Removes the backups of a folder that are older than so many days, but never the newest; other files stay. */
export async function removeOldBackups(
  folder: string,
  { keepDays, now }: { readonly keepDays: number; readonly now: Date },
): Promise<readonly string[]> {
  const backups = (await readdir(folder))
    .flatMap((name) => {
      const parsed = parseBackupName(name);
      return parsed ? [{ name, ...parsed }] : [];
    })
    .sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime() || b.number - a.number);
  const old = backups.slice(1).filter(({ takenAt }) => now.getTime() - takenAt.getTime() > keepDays * DAY_MS);
  for (const { name } of old) {
    await rm(join(folder, name));
    await rm(join(folder, `${name}.sha256`), { force: true });
  }
  return old.map(({ name }) => name);
}
