import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Part, type PartLog, startPart } from './part.ts';
import type { Settings } from './settings.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** From where this file is: the topology may be started in any folder. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Longer than the drain of RULES 34. */
const STOP_MS = 25_000;

/** An API process on loopback, as it stands in `src`, once it is healthy. */
export async function startApi({
  name,
  port,
  settings,
  log,
}: {
  readonly name: string;
  readonly port: number;
  readonly settings: Settings;
  readonly log: PartLog;
}): Promise<Part> {
  return await startPart(
    {
      name,
      command: process.execPath,
      args: ['--import', TSX, MAIN],
      env: { ...settings, HOST: '127.0.0.1', PORT: String(port) },
      isReady: async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok,
      graceMs: STOP_MS,
    },
    log,
  );
}
