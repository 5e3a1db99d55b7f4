import type { Program } from '../../src/sas/host/port-program.ts';
import { programFile } from './program.ts';

/** Of the build: to compile the process of a port anew for each line takes longer than most tests do. */
export const PORT_PROGRAM: Program = {
  get file() {
    return programFile('sas/host/port-process');
  },
  execArgv: [],
};
