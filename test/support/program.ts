import { join } from 'node:path';
import { inject } from 'vitest';

/** The file of a program of floorwire as it was built for this run: what `npm start` and `npx floorwire` run. */
export function programFile(name: 'main' | 'cli' | 'sas/host/port-process'): string {
  const build = inject('testBuild');
  if ('failure' in build) throw new Error(`floorwire could not be built: ${build.failure}`);
  return join(build.folder, 'dist', `${name}.js`);
}
