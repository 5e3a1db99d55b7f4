import { hash } from '@node-rs/argon2';
import type { Kysely } from 'kysely';
import { type ApiKeyTerms, makeSecret } from '../../src/auth/api-key.ts';
import { createApiKey } from '../../src/auth/api-key-service.ts';
import { type DeviceParticulars, makePairingCode } from '../../src/auth/device.ts';
import { registerDevice } from '../../src/auth/device-service.ts';
import { ARGON2_OPTIONS } from '../../src/auth/password-hasher.ts';
import type { User } from '../../src/auth/user.ts';
import { createUser, type NewUser } from '../../src/auth/user-service.ts';
import { replaceRoles } from '../../src/auth/user-standing-store.ts';
import type { NewVenue, Venue } from '../../src/auth/venue.ts';
import { createVenue } from '../../src/auth/venue-service.ts';
import type { Database } from '../../src/db/schema.ts';
import { PARTNER_EVENTS } from '../../src/graphql/followable-events.ts';
import { type Scope, system, type UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { putConnections } from '../../src/realtime/connection-store.ts';
import type { RunWork } from '../../src/work.ts';
import { HASH_COST } from './hash-cost.ts';

/** The password of every built user who is not given another. */
export const PASSWORD = 'a tractor hums at noon';

const TESTS = system('test');
let count = 0;
let hashOfPassword: Promise<string> | undefined;

const hashed = (password: string): Promise<string> =>
  hash(password, { ...ARGON2_OPTIONS, memoryCost: HASH_COST.memoryKib, timeCost: HASH_COST.passes });

/** A venue in Vienna that counts in USD. */
export async function aVenue(runWork: RunWork, overrides: Partial<NewVenue> = {}): Promise<Venue> {
  count += 1;
  const venue = {
    slug: `venue-${count}`,
    name: `Venue ${count}`,
    timeZone: 'Europe/Vienna',
    currency: 'USD',
    ...overrides,
  };
  return await runWork(TESTS, (work) => createVenue(work, venue));
}

/** A PLAYER of the venue, who signs in with `PASSWORD` unless another is given. */
export async function aUser(
  runWork: RunWork,
  {
    password,
    grants = [],
    ...overrides
  }: Partial<Omit<NewUser, 'passwordHash'>> & {
    readonly venueId: string;
    readonly password?: string;
    readonly grants?: readonly Scope[];
  },
): Promise<User> {
  count += 1;
  const number = count;
  hashOfPassword ??= hashed(PASSWORD);
  const passwordHash = await (password === undefined ? hashOfPassword : hashed(password));
  const user: NewUser = {
    email: `user-${number}@example.com`,
    username: `user-${number}`,
    displayName: `User ${number}`,
    roles: ['PLAYER'],
    passwordHash,
    ...overrides,
  };
  return await runWork(TESTS, async (work) => {
    const made = await createUser(work, user);
    await replaceRoles(work.tx, { userId: made.id, venueId: user.venueId, roles: user.roles, grants });
    return { ...made, grants };
  });
}

/** The id and the secret of an API key that may see the machines of the venue, unless it is given other terms. */
export async function anApiKey(
  runWork: RunWork,
  { venueId, ...terms }: Partial<ApiKeyTerms> & { readonly venueId: string },
): Promise<{ readonly id: string; readonly secret: string }> {
  const made = makeSecret();
  const { id } = await runWork(TESTS, (work) =>
    createApiKey(work, {
      venueId,
      made,
      name: 'a partner',
      scopes: ['MACHINES_READ'],
      eventTypes: [],
      expiresAt: null,
      followable: PARTNER_EVENTS,
      ...terms,
    }),
  );
  return { id, secret: made.secret };
}

/** A registered screen, and what it signs in with. */
export async function aDevice(
  runWork: RunWork,
  { venueId, ...particulars }: Partial<DeviceParticulars> & { readonly venueId: string },
): Promise<{
  readonly id: string;
  readonly deviceNumber: string;
  readonly serialNumber: string;
  readonly pairingCode: string;
}> {
  count += 1;
  const number = count;
  const { pairingCode, hash } = makePairingCode();
  const { id, deviceNumber, serialNumber } = await runWork(TESTS, (work) =>
    registerDevice(work, {
      venueId,
      pairingCodeHash: hash,
      deviceNumber: `screen-${number}`,
      serialNumber: `SN-${number}`,
      kind: 'SCREEN',
      name: `Screen ${number}`,
      ...particulars,
    }),
  );
  return { id, deviceNumber, serialNumber, pairingCode };
}

/** A socket on record, of a process that is none and lives for an hour. */
export async function aConnection(
  db: Kysely<Database>,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<string> {
  const [processId, id] = [newId(), newId()];
  await db
    .insertInto('realtime_process')
    .values({
      id: processId,
      seen_at: new Date(Date.now() + 3_600_000),
      sockets: 1,
      streams: 0,
      operations: 1,
    })
    .execute();
  await putConnections(db, processId, [
    {
      id,
      venueId,
      transport: 'WEBSOCKET',
      holder: { kind: 'user', id: userId },
      credentialId: newId(),
      address: '192.0.2.7',
      userAgent: null,
      connectedAt: new Date(),
      expiresAt: null,
      operations: 1,
      subscriptions: 0,
      channels: [],
    },
  ]);
  return id;
}

/** The user as he asks, at home, in a session nobody has opened. */
export function anActor(user: User): UserActor {
  return {
    kind: 'user',
    userId: user.id,
    venueId: user.homeVenueId,
    sessionId: newId(),
    roles: user.roles,
    grants: user.grants,
    mustChangePassword: false,
  };
}
