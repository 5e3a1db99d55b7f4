import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../src/app.ts';
import { createUser } from '../src/auth/user-service.ts';
import { createVenue } from '../src/auth/venue-service.ts';
import { readConfig } from '../src/config.ts';
import { system } from '../src/lib/actor.ts';
import { createLogger } from '../src/lib/logger.ts';
import { configureLine } from '../src/machine/service.ts';

const BENCH = system('bench');
export const BENCH_PASSWORD = 'a plank on two stones';

export interface BenchLine {
  readonly port: string;
  readonly machines: number;
}

/** A server of its own with a venue, an operator and lines, in a folder that goes with it. */
export interface BenchApp extends AsyncDisposable {
  readonly app: App;
  readonly venueId: string;
  readonly token: string;
}

/** Lines are configured before the second start, which drives them. Relative ports start at `folder`. */
export async function startBenchApp(linesIn: (folder: string) => readonly BenchLine[]): Promise<BenchApp> {
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
  const config = readConfig({
    DATA_DIR: folder,
    PORT: '0',
    DEMO: '0',
    LOG_LEVEL: 'error',
    LIMIT_SOCKETS_PER_USER: '10000',
    LIMIT_SOCKETS_PER_ADDRESS: '10000',
    LIMIT_CONNECTS_PER_USER: '1000000',
    LIMIT_CONNECTS_PER_ADDRESS: '1000000',
  });
  const logger = createLogger('error');
  const venueId = await (async () => {
    await using app = await createApp(config, logger);
    const { runWork, auth } = app.services;
    const user = { email: 'bench@bench.example', username: 'bench' };
    const passwordHash = await auth.hashPassword(BENCH_PASSWORD);
    return await runWork(BENCH, async (work) => {
      const venue = await createVenue(work, {
        slug: 'bench',
        name: 'Bench',
        timeZone: 'Europe/Vienna',
        currency: 'USD',
      });
      await createUser(work, { ...user, venueId: venue.id, roles: ['OPERATOR'], passwordHash });
      for (const [at, line] of linesIn(folder).entries()) {
        await configureLine(work, {
          venueId: venue.id,
          name: `Line ${at}`,
          port: line.port,
          wakeupMode: 'MARKED',
          machines: Array.from({ length: line.machines }, (_, i) => ({
            address: i + 1,
            name: `Machine ${at}-${i + 1}`,
          })),
        });
      }
      return venue.id;
    });
  })();
  const app = await createApp(config, logger);
  const { accessToken: token } = await app.services.auth.login(
    { identifier: 'bench', password: BENCH_PASSWORD },
    { userAgent: 'bench', address: '127.0.0.1' },
  );
  return {
    app,
    venueId,
    token,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
