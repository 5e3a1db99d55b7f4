import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Part, type PartLog, startPart } from './part.ts';
import type { Settings } from './settings.ts';

/** As it stands in `src`. */
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** From where this file is: the topology may be started in any folder. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Longer than the drain of RULES 34. */
const STOP_MS = 25_000;

export interface ApiOptions {
  readonly settings: Settings;
  /** The program that was built of `src/main.ts`. Default: that file, compiled as it is loaded. */
  readonly program?: string;
  readonly log: PartLog;
}

/** An API process on loopback, once it is healthy. */
export async function startApi(
  { name, port }: { readonly name: string; readonly port: number },
  { settings, program, log }: ApiOptions,
): Promise<Part> {
  return await startPart(
    {
      name,
      command: process.execPath,
      args: program ? [program] : ['--import', TSX, MAIN],
      env: { ...settings, HOST: '127.0.0.1', PORT: String(port) },
      isReady: async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok,
      graceMs: STOP_MS,
    },
    log,
  );
}
