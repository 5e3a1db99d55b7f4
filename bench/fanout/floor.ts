import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authSettingsOf } from '../../src/app/auth-settings.ts';
import { createAuth } from '../../src/auth/service.ts';
import { createUser } from '../../src/auth/user-service.ts';
import { createVenue } from '../../src/auth/venue-service.ts';
import { readConfig } from '../../src/config.ts';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { system } from '../../src/lib/actor.ts';
import { Running } from '../../src/lib/running.ts';
import { configureLine } from '../../src/machine/service.ts';
import { createRunWork } from '../../src/work.ts';
import { ROOM_FOR_A_CROWD } from '../../test/support/room.ts';

const BENCH = system('bench');
const PASSWORD = 'a plank on two stones';
const LINE_LENGTH = 100;

/** A database with a venue and somebody who may follow its machines. */
export interface BenchFloor extends AsyncDisposable {
  readonly connection: string;
  readonly venueId: string;
  readonly token: string;
  /** For a server on it: the limits are those of the environment, and nothing of it is bypassed. */
  readonly environment: Readonly<Record<string, string>>;
  /** Adds machines and answers their ids. A server that is running does not drive their lines. */
  addMachines(count: number): Promise<readonly string[]>;
}

export async function createFloor(): Promise<BenchFloor> {
  const running = new Running();
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
  running.add({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
  const { connection } = running.add(await startEmbedded({ dataDir: folder }));
  await migrate(connection, fileURLToPath(new URL('../../migrations', import.meta.url)));
  const environment = {
    DATABASE_URL: connection,
    DATA_DIR: folder,
    PORT: '0',
    DEMO: '0',
    LOG_LEVEL: 'error',
    ...ROOM_FOR_A_CROWD,
  };
  const { db } = running.add(
    openDatabase({ connection, poolSize: 2, applicationName: 'bench', role: APP_ROLE }),
  );
  const runWork = createRunWork({ db, onEvents: () => {} });
  const auth = await createAuth({ ...authSettingsOf(readConfig(environment)), db, runWork });
  const passwordHash = await auth.hashPassword(PASSWORD);
  const venueId = await runWork(BENCH, async (work) => {
    const venue = { slug: 'bench', name: 'Bench', timeZone: 'Europe/Vienna', currency: 'USD' };
    const { id } = await createVenue(work, venue);
    const user = { email: 'bench@bench.example', username: 'bench' };
    await createUser(work, { ...user, venueId: id, roles: ['OPERATOR'], passwordHash });
    return id;
  });
  const { accessToken: token } = await auth.login(
    { identifier: 'bench', password: PASSWORD },
    { userAgent: 'bench', address: '127.0.0.1' },
  );
  return {
    connection,
    venueId,
    token,
    environment,
    async addMachines(count) {
      await runWork(BENCH, async (work) => {
        for (let line = 0; line * LINE_LENGTH < count; line += 1)
          await configureLine(work, {
            venueId,
            name: `Line ${line}`,
            port: `nowhere/${line}`,
            wakeupMode: 'MARKED',
            drivenBy: 'nobody',
            machines: Array.from({ length: LINE_LENGTH }, (_, at) => ({
              address: at + 1,
              name: `Machine ${line}-${at + 1}`,
            })),
          });
      });
      const rows = await db.selectFrom('machine').select('id').orderBy('id').limit(count).execute();
      return rows.map(({ id }) => id);
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
