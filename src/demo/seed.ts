import { type Kysely, sql } from 'kysely';
import type { AuthServices } from '../auth/service.ts';
import { createUser } from '../auth/user-service.ts';
import { createVenue } from '../auth/venue-service.ts';
import { listAllVenues } from '../auth/venue-store.ts';
import { createResource } from '../booking/resource-service.ts';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import { configureLine } from '../machine/service.ts';
import { listMachinesOfLines } from '../machine/store.ts';
import { createParkingLot } from '../parking/lot-service.ts';
import { setParkingRate } from '../parking/rate-service.ts';
import type { Post } from '../wallet/ledger.ts';
import { applyToLedger } from '../wallet/ledger-service.ts';
import { partiesOf } from '../wallet/posting.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { openWallet } from '../wallet/wallet-service.ts';
import type { RunWork } from '../work.ts';
import { seedScreen } from './screen.ts';
import { DEMO_LINES, DEMO_LOTS, DEMO_RESOURCES, DEMO_USERS, DEMO_VENUE } from './venue.ts';

const SEED = system('demo-seed');
/** How many of them are on the screen. */
const SHOWN_MACHINES = 4;
const SHOWN_LOTS = 1;

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
    const deposits: Post[] = [];
    for (const { depositMinor, ...user } of users) {
      const { id: userId } = await createUser(work, { ...user, venueId: venue.id });
      if (depositMinor === undefined) continue;
      const wallet = await openWallet(work, { venueId: venue.id, userId, currency: venue.currency });
      deposits.push(depositTo(wallet, depositMinor));
    }
    const lineIds: string[] = [];
    for (const { name, port, machines } of DEMO_LINES) {
      const line = { venueId: venue.id, name, port, wakeupMode: 'MARKED', machines } as const;
      lineIds.push(await configureLine(work, line));
    }
    for (const resource of DEMO_RESOURCES) await createResource(work, { venueId: venue.id, ...resource });
    const lotIds: string[] = [];
    for (const { rate, ...lot } of DEMO_LOTS) {
      const { id: lotId } = await createParkingLot(work, { venueId: venue.id, ...lot });
      await setParkingRate(work, { venueId: venue.id, lotId, validFrom: null, ...rate });
      lotIds.push(lotId);
    }
    const machines = await listMachinesOfLines(work.tx, venue.id, lineIds);
    const machineIds = machines.slice(0, SHOWN_MACHINES).map(({ id }) => id);
    await seedScreen(work, { venueId: venue.id, machineIds, lotIds: lotIds.slice(0, SHOWN_LOTS) });
    await applyToLedger(work, deposits);
    return true;
  });
}

const depositTo = ({ id, venueId, currency }: Wallet, amountMinor: bigint): Post => ({
  op: 'POST',
  id: newId(),
  venueId,
  idempotency: null,
  author: null,
  kind: 'DEPOSIT',
  ...partiesOf('DEPOSIT', id, null),
  ownerId: null,
  amountMinor,
  currency,
  effectiveAt: null,
  forced: false,
  reason: null,
  reference: null,
});
