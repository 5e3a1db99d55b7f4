import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PACKAGE_FOLDER } from '../../lib/package-folder.ts';

/** A program of node, and what node is told before it. */
export interface Program {
  readonly file: string;
  readonly execArgv: readonly string[];
}

/** The process of a port, from sources as from the build. */
export const PORT_PROGRAM: Program = import.meta.url.endsWith('.ts')
  ? {
      file: join(PACKAGE_FOLDER, 'src/sas/host/port-process.ts'),
      execArgv: ['--import', createRequire(import.meta.url).resolve('tsx')],
    }
  : { file: join(PACKAGE_FOLDER, 'dist/sas/host/port-process.js'), execArgv: [] };
