import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where floorwire lies with what belongs to it, `package.json` and `migrations`: run from its sources or built. */
export const PACKAGE_FOLDER = findPackage(dirname(fileURLToPath(import.meta.url)));

function findPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('floorwire is not in its package');
  return findPackage(above);
}
