import { type Kysely, sql } from 'kysely';
import type { AuthServices } from '../auth/service.ts';
import { createUser } from '../auth/user-service.ts';
import { createVenue } from '../auth/venue-service.ts';
import { listAllVenues } from '../auth/venue-store.ts';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { configureLine } from '../machine/service.ts';
import type { RunWork } from '../work.ts';
import { DEMO_LINES, DEMO_USERS, DEMO_VENUE } from './venue.ts';

const SEED = system('demo-seed');

/** Seeds the demo venue into a database without any venue; answers whether it did. */
export async function seedDemo(options: {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly auth: AuthServices;
}): Promise<boolean> {
  const { db, runWork, auth } = options;
  if ((await listAllVenues(db)).length > 0) return false;
  const users = await Promise.all(
    DEMO_USERS.map(async ({ password, ...user }) => ({
      ...user,
      passwordHash: await auth.hashPassword(password),
    })),
  );
  return await runWork(SEED, async (work) => {
    // Another process may be at it: the second waits here, and then finds what the first did.
    await sql`select pg_advisory_xact_lock(hashtext('demo-seed'))`.execute(work.tx);
    if ((await listAllVenues(work.tx)).length > 0) return false;
    const venue = await createVenue(work, DEMO_VENUE);
    for (const user of users) await createUser(work, { ...user, venueId: venue.id });
    for (const { name, port, machines } of DEMO_LINES) {
      await configureLine(work, { venueId: venue.id, name, port, wakeupMode: 'MARKED', machines });
    }
    return true;
  });
}
