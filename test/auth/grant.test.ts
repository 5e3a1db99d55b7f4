import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { scopesOfActor } from '../../src/auth/scopes.ts';
import type { User } from '../../src/auth/user.ts';
import { grantsKept, parseGrants } from '../../src/auth/user-standing.ts';
import { setUserRoles } from '../../src/auth/user-standing-service.ts';
import { findUsersByIds } from '../../src/auth/user-store.ts';
import { sharedView } from '../../src/graphql/view.ts';
import { mayAt, type Role, SCOPES, type Scope } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { anActor, aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aSecondLater } from '../support/within-a-second.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const { id: venueId, slug: home } = await aVenue(runWork);
const admin = anActor(await aUser(runWork, { venueId, roles: ['ADMIN'] }));

const anOperator = (grants: readonly Scope[] = []) =>
  aUser(runWork, { venueId, roles: ['OPERATOR'], grants });
const change = (
  { id: userId }: User,
  to: { readonly roles: readonly Role[]; readonly grants?: readonly Scope[] },
  actor = admin,
) => runWork(actor, async (work) => (await setUserRoles(work, { userId, venueId, ...to })).user);
const kept = async ({ id }: User, at = venueId) => (await findUsersByIds(floor.db, at, [id]))[0]?.grants;
const POSTING = { roles: ['OPERATOR'], grants: ['WALLETS_POST'] } as const;

test.each(SCOPES.filter((scope) => scope !== 'WALLETS_POST'))('%s is granted to nobody', (scope) => {
  expect(() => parseGrants([scope], ['ADMIN', 'OPERATOR', 'PLAYER', 'AUDITOR'])).toThrow(
    expect.objectContaining({ code: 'API_001' }),
  );
});

test('WALLETS_POST is granted to an OPERATOR, once, and to nobody who is none', () => {
  expect(parseGrants(['WALLETS_POST', 'WALLETS_POST'], ['OPERATOR', 'PLAYER'])).toEqual(['WALLETS_POST']);
  expect(grantsKept(['WALLETS_POST'], ['OPERATOR'])).toEqual(['WALLETS_POST']);
  for (const roles of [[], ['ADMIN'], ['PLAYER'], ['AUDITOR']] as const) {
    expect(() => parseGrants(['WALLETS_POST'], roles)).toThrow(expect.objectContaining({ code: 'API_001' }));
    expect(grantsKept(['WALLETS_POST'], roles)).toEqual([]);
  }
});

test('who is granted a scope may what it is for, at that venue, and what his roles allow as before', async () => {
  const [without, granted] = [anActor(await anOperator()), anActor(await anOperator(['WALLETS_POST']))];
  const toPost = { roles: ['ADMIN'], scope: 'WALLETS_POST' } as const;
  expect(mayAt(without, venueId, toPost)).toBe(false);
  expect(mayAt(granted, venueId, toPost)).toBe(true);
  expect(mayAt(granted, newId(), toPost)).toBe(false);
  expect(mayAt(granted, venueId, { roles: ['ADMIN'], scope: 'USERS_WRITE' })).toBe(false);
  expect(scopesOfActor(granted)).toEqual(new Set([...scopesOfActor(without), 'WALLETS_POST']));
  expect(scopesOfActor({ ...granted, mustChangePassword: true })).toEqual(new Set());
});

test('those of equal grants share a view, and those of different ones do not', async () => {
  const [without, granted, another] = [
    anActor(await anOperator()),
    anActor(await anOperator(['WALLETS_POST'])),
    anActor(await anOperator(['WALLETS_POST'])),
  ];
  expect(sharedView(granted).key).toBe(sharedView(another).key);
  expect(sharedView(granted).key).not.toBe(sharedView(without).key);
  expect(sharedView(granted).scopes.has('WALLETS_POST')).toBe(true);
  expect(sharedView(without).scopes.has('WALLETS_POST')).toBe(false);
});

test('a session has the grants of its rows, without being told within the time they are remembered', async () => {
  const auth = await anAuth(floor);
  const user = await anOperator();
  const { accessToken, session } = await auth.login({ identifier: user.email, password: PASSWORD }, {});
  expect((await auth.actorOf(accessToken)).grants).toEqual([]);

  await change(user, POSTING);
  auth.forgetSession(session.id);
  const actor = await auth.actorOf(accessToken);
  expect(actor.grants).toEqual(['WALLETS_POST']);

  await change(user, { roles: ['OPERATOR'], grants: [] });
  expect((await aSecondLater(() => auth.refreshActor(actor))).grants).toEqual([]);
});

test('a grant goes with the role it stands beside, and does not come back with it', async () => {
  const user = await anOperator(['WALLETS_POST']);
  expect(await change(user, { roles: ['PLAYER'] })).toMatchObject({ roles: ['PLAYER'], grants: [] });
  expect(await change(user, { roles: ['OPERATOR'] })).toMatchObject({ roles: ['OPERATOR'], grants: [] });
  expect(await kept(user)).toEqual([]);

  const other = await anOperator(['WALLETS_POST']);
  await sql`delete from user_role where user_id = ${other.id}`.execute(floor.db);
  const rows = await floor.db.selectFrom('user_grant').selectAll().where('user_id', '=', other.id).execute();
  expect(rows).toEqual([]);
});

test('grants that are not named are kept, and those that are change nothing but themselves', async () => {
  const user = await anOperator(['WALLETS_POST']);
  const both = await change(user, { roles: ['OPERATOR', 'PLAYER'] });
  expect(both).toMatchObject({ roles: ['OPERATOR', 'PLAYER'], grants: ['WALLETS_POST'], version: 2 });
  expect(await change(user, { ...both })).toEqual(both);
  expect(await change(user, { ...both, grants: [] })).toEqual({ ...both, grants: [], version: 3 });
  expect(await kept(user)).toEqual([]);
});

test('a grant is for one venue, and so is a role', async () => {
  const user = await anOperator();
  const { id: elsewhere, slug: foreign } = await aVenue(runWork);
  await floor.db
    .insertInto('user_role')
    .values(
      (['OPERATOR', 'PLAYER'] as const).map((role) => ({ user_id: user.id, venue_id: elsewhere, role })),
    )
    .execute();
  await change(user, POSTING);
  expect(await kept(user)).toEqual(['WALLETS_POST']);
  expect(await kept(user, elsewhere)).toEqual([]);

  const auth = await anAuth(floor);
  const actorAt = async (venue: string) =>
    await auth.actorOf(
      (await auth.login({ identifier: user.email, password: PASSWORD, venue }, {})).accessToken,
    );
  expect(await actorAt(home)).toMatchObject({ roles: ['OPERATOR'], grants: ['WALLETS_POST'] });
  expect(await actorAt(foreign)).toMatchObject({ roles: ['OPERATOR', 'PLAYER'], grants: [] });
});

test('nobody grants what he may not himself, and takes away or leaves what others have granted', async () => {
  const powerless = { ...admin, mustChangePassword: true };
  const user = await anOperator();
  await expect(change(user, POSTING, powerless)).rejects.toMatchObject({ code: 'AUTH_004' });
  expect(await kept(user)).toEqual([]);
  const granted = await anOperator(['WALLETS_POST']);
  expect(await change(granted, { ...POSTING, roles: ['OPERATOR', 'PLAYER'] }, powerless)).toMatchObject({
    grants: ['WALLETS_POST'],
  });
  expect(await change(granted, { roles: ['OPERATOR'], grants: [] }, powerless)).toMatchObject({ grants: [] });
});

test.each([
  ['of a scope that comes with roles', 'OPERATOR', 'USERS_WRITE', 'user_grant_known'],
  ['beside a role that has it', 'ADMIN', 'WALLETS_POST', 'user_grant_known'],
  ['beside a role he does not have', 'OPERATOR', 'WALLETS_POST', 'user_grant_beside_role'],
])('the database itself refuses a grant %s', async (_, role, scope, constraint) => {
  const roles: readonly Role[] = constraint === 'user_grant_known' ? ['OPERATOR', 'ADMIN'] : ['AUDITOR'];
  const { id } = await aUser(runWork, { venueId, roles });
  const insert = sql`insert into user_grant values (${id}, ${venueId}, ${role}, ${scope})`.execute(floor.db);
  await expect(insert).rejects.toMatchObject({ constraint });
});
