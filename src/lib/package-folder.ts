import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where floorwire lies with what belongs to it, `package.json` and `migrations`: run from its sources or built. */
export const PACKAGE_FOLDER = findPackage(dirname(fileURLToPath(import.meta.url)));

/** Which version of floorwire this is. */
export async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'package.json'), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

function findPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('floorwire is not in its package');
  return findPackage(above);
}
