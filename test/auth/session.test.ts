import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { SessionRevokedError } from '../../src/auth/errors.ts';
import { openDatabase } from '../../src/db/database.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aSecondLater } from '../support/within-a-second.ts';

const { floor, connection } = await cloneDatabase();
/** Who may change roles, which the application may not yet. */
const owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const auth = await anAuth(floor);

async function aSignedIn() {
  const { email } = await aUser(runWork, { venueId: venue.id, roles: ['OPERATOR'] });
  return await auth.login({ identifier: email, password: PASSWORD }, {});
}

const isRefused = (accessToken: string) =>
  auth.actorOf(accessToken).then(
    () => false,
    (error: unknown) => error instanceof SessionRevokedError,
  );

test.each([
  ['is revoked', (id: string) => sql`update auth_session set revoked_at = now() where id = ${id}`],
  [
    'expires',
    (id: string) =>
      sql`update auth_session set created_at = now() - interval '2 h', expires_at = now() where id = ${id}`,
  ],
  [
    'has its user locked',
    (id: string) =>
      sql`update app_user set status = 'LOCKED' where id = (select user_id from auth_session where id = ${id})`,
  ],
  [
    'has its user deleted',
    (id: string) =>
      sql`update app_user set status = 'DELETED' where id = (select user_id from auth_session where id = ${id})`,
  ],
])('a session that %s has no power within its second, told or not', async (_, change) => {
  const told = await aSignedIn();
  await auth.actorOf(told.accessToken);
  await change(told.session.id).execute(floor.db);
  auth.forgetSession(told.session.id);
  await expect(auth.actorOf(told.accessToken)).rejects.toMatchObject({ code: 'AUTH_012' });

  const untold = await aSignedIn();
  await auth.actorOf(untold.accessToken);
  await change(untold.session.id).execute(floor.db);
  expect(await aSecondLater(() => isRefused(untold.accessToken))).toBe(true);
});

test('an actor has the roles of his row, not of his token, and without any he is nobody', async () => {
  const { accessToken, session, user } = await aSignedIn();
  const actor = await auth.actorOf(accessToken);
  expect(actor.roles).toEqual(['OPERATOR']);

  const rolesBecome = async (role: string) => {
    await sql`update user_role set role = ${role} where user_id = ${user.id}`.execute(owner.db);
    auth.forgetSession(session.id);
  };
  await rolesBecome('AUDITOR');
  expect((await auth.refreshActor(actor)).roles).toEqual(['AUDITOR']);
  expect((await auth.actorOf(accessToken)).roles).toEqual(['AUDITOR']);

  await sql`delete from user_role where user_id = ${user.id}`.execute(owner.db);
  auth.forgetSession(session.id);
  await expect(auth.refreshActor(actor)).rejects.toThrow(SessionRevokedError);
});

test('a session that was never opened and one of somebody else are none', async () => {
  const mine = await auth.actorOf((await aSignedIn()).accessToken);
  const other = await auth.actorOf((await aSignedIn()).accessToken);
  auth.forgetSession(mine.sessionId);
  await expect(auth.refreshActor({ ...mine, userId: other.userId })).rejects.toThrow(SessionRevokedError);
  await expect(auth.refreshActor({ ...mine, sessionId: crypto.randomUUID() })).rejects.toThrow(
    SessionRevokedError,
  );
  auth.forgetSession(mine.sessionId);
  const elsewhere = { ...mine, venueId: crypto.randomUUID() };
  await expect(auth.refreshActor(elsewhere)).rejects.toThrow(SessionRevokedError);
  // Nor while what it is at its own venue is remembered.
  expect(await auth.refreshActor(mine)).toEqual(mine);
  await expect(auth.refreshActor(elsewhere)).rejects.toThrow(SessionRevokedError);
});

test('a hundred requests at once ask the database once', async () => {
  const { accessToken } = await aSignedIn();
  const asked: string[] = [];
  const listening = floor.db.withPlugin({
    transformQuery: ({ node }) => {
      asked.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const counted = await anAuth({ ...floor, db: listening });
  asked.length = 0;
  await Promise.all(Array.from({ length: 100 }, () => counted.actorOf(accessToken)));
  expect(asked).toEqual(['SelectQueryNode']);
});

test('a failure of the database is not remembered', async () => {
  const { accessToken, session } = await aSignedIn();
  let fails = true;
  const flaky = floor.db.withPlugin({
    transformQuery: ({ node }) => {
      if (fails && node.kind === 'SelectQueryNode') throw new Error('down');
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  fails = false;
  const shaky = await anAuth({ ...floor, db: flaky });
  fails = true;
  await expect(shaky.actorOf(accessToken)).rejects.toThrow('down');
  fails = false;
  expect(await shaky.actorOf(accessToken)).toMatchObject({ sessionId: session.id });
});
