import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { UsernameTakenError } from '../../src/auth/errors.ts';
import type { FirstAdmin } from '../../src/auth/first-admin.ts';
import { openDatabase } from '../../src/db/database.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor, connection } = await cloneDatabase();
const runWork = runWorkOn(floor);

const ADMIN: FirstAdmin = {
  username: 'admin',
  email: 'admin@localhost',
  password: 'admin123',
  venue: { slug: 'main', name: 'main', timeZone: 'UTC', currency: 'EUR' },
};

beforeEach(async () => {
  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
  // The ledger, which refers to it, refuses to be emptied.
  await sql`set session_replication_role = replica`.execute(owner.db);
  await sql`truncate venue cascade`.execute(owner.db);
});

const everybody = () =>
  floor.db
    .selectFrom('app_user')
    .innerJoin('venue', 'venue.id', 'app_user.venue_id')
    .innerJoin('user_role', 'user_role.user_id', 'app_user.id')
    .select(['username', 'email', 'slug', 'role', 'must_change_password'])
    .execute();

test('an empty installation gets a venue and its ADMIN, however often and by however many it is asked', async () => {
  const auths = await Promise.all([anAuth(floor), anAuth(floor), anAuth(floor)]);
  const made = await Promise.all(auths.map((auth) => auth.createFirstAdmin(ADMIN)));
  expect(made.toSorted()).toEqual([false, false, true]);
  const [auth] = auths;
  expect(await auth?.createFirstAdmin({ ...ADMIN, username: 'other', email: 'other@localhost' })).toBe(false);
  expect(await everybody()).toEqual([
    { username: 'admin', email: 'admin@localhost', slug: 'main', role: 'ADMIN', must_change_password: true },
  ]);
});

test('an installation without an ADMIN gets one at its oldest venue', async () => {
  const { id: venueId } = await aVenue(runWork, { slug: 'old' });
  await aVenue(runWork, { slug: 'young' });
  await aUser(runWork, { venueId, roles: ['OPERATOR', 'PLAYER'] });
  expect(await (await anAuth(floor)).createFirstAdmin(ADMIN)).toBe(true);
  expect(await everybody()).toContainEqual(
    expect.objectContaining({ username: 'admin', slug: 'old', role: 'ADMIN' }),
  );
});

test('a locked ADMIN is one, so the settings are no way around a lock', async () => {
  const { id: venueId } = await aVenue(runWork);
  const admin = await aUser(runWork, { venueId, roles: ['ADMIN'] });
  await aUser(runWork, { venueId, roles: ['ADMIN'] });
  await floor.db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', admin.id).execute();
  expect(await (await anAuth(floor)).createFirstAdmin(ADMIN)).toBe(false);
});

test('the name of somebody who is no ADMIN is not taken over', async () => {
  const { id: venueId } = await aVenue(runWork);
  await aUser(runWork, { venueId, username: 'Admin' });
  await expect((await anAuth(floor)).createFirstAdmin(ADMIN)).rejects.toThrow(UsernameTakenError);
});

test('who was given a password that anybody hits on is named until he has another or is locked', async () => {
  const auth = await anAuth(floor);
  await auth.createFirstAdmin(ADMIN);
  expect(await auth.guessableAccounts()).toEqual(['admin']);
  const of = (status: 'ACTIVE' | 'LOCKED') =>
    floor.db.updateTable('app_user').set({ status }).where('username', '=', 'admin').execute();
  const { venue_id: venueId } = await floor.db
    .selectFrom('app_user')
    .select('venue_id')
    .executeTakeFirstOrThrow();
  await aUser(runWork, { venueId, roles: ['ADMIN'], mustChangePassword: true });
  await of('LOCKED');
  expect(await auth.guessableAccounts()).toEqual([]);
  await of('ACTIVE');
  const { accessToken } = await auth.login({ identifier: 'admin', password: 'admin123' }, {});
  const newPassword = 'nine grey herons over a weir';
  await auth.changePassword(await auth.actorOf(accessToken), { currentPassword: 'admin123', newPassword });
  expect(await auth.guessableAccounts()).toEqual([]);
});

test('a strong password of the settings may wait for its owner', async () => {
  const auth = await anAuth(floor);
  await auth.createFirstAdmin({ ...ADMIN, password: 'nine grey herons over a weir' });
  expect(await auth.guessableAccounts()).toEqual([]);
});

test.each([
  ['admin123', ['admin']],
  ['nine grey herons over a weir', []],
])('of an ADMIN from before passwords were judged, %s is compared: %j', async (password, named) => {
  const auth = await anAuth(floor);
  await auth.createFirstAdmin({ ...ADMIN, password });
  await floor.db.updateTable('app_user').set({ has_guessable_password: null }).execute();
  expect(await auth.guessableAccounts()).toEqual(named);
});
