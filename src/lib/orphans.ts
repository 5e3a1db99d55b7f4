import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from './ids.ts';
import { isMissingFile } from './missing-file.ts';

/** Deletes the files of a folder that are named by an id and this suffix, and whose ids are not found among the living. */
export async function sweepOrphans(
  folder: string,
  {
    suffix,
    findLiving,
  }: {
    readonly suffix: string;
    readonly findLiving: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  },
): Promise<void> {
  const ids = (await namesIn(folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .filter(isUuid);
  const living = await findLiving(ids);
  for (const id of ids) if (!living.has(id)) await rm(join(folder, `${id}${suffix}`), { force: true });
}

/** Nothing, before there is a folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}
