import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type UserFilter, userPage } from '../../src/auth/user-list-store.ts';
import { openDatabase } from '../../src/db/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aUser, aVenue } from '../support/builders.ts';

const floor = await aFloorApp({ machines: 0 });
const { db, runWork } = floor.app().services;
const venueId = floor.venueId;
for (const name of ['rita', 'Richard', 'ri%ta'])
  await aUser(runWork, {
    venueId,
    email: `${name.replace('%', '.')}@list.example`,
    username: null,
    displayName: name,
  });
await aUser(runWork, {
  venueId,
  email: 'hidden@list.example',
  username: 'ri_x',
  roles: ['AUDITOR'],
  displayName: null,
});

const USERS = `query ($roles: [Role!], $status: UserStatus, $search: String, $first: Int, $after: String) {
  users(roles: $roles, status: $status, search: $search, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { username displayName email roles status }
  }
}`;
const list = async (variables: Record<string, unknown> = {}, as: Asker = 'ADMIN') =>
  (await floor.ask(USERS, { as, variables })).data.users;
interface Listed {
  readonly username: string | null;
  readonly displayName: string | null;
  readonly email: string | null;
}
const names = ({ nodes }: { readonly nodes: readonly Listed[] }) =>
  nodes.map(({ username, displayName }) => displayName ?? username);

test('users come page by page, the newest first, each once, while others are made', async () => {
  const first = await list({ first: 3 });
  expect(names(first)).toEqual(['ri_x', 'ri%ta', 'Richard']);
  await aUser(runWork, { venueId, displayName: 'made meanwhile' });
  const second = await list({ first: 3, after: first.pageInfo.endCursor });
  expect(names(second)[0]).toBe('rita');
  const rest = await list({ first: 100, after: second.pageInfo.endCursor });
  expect(rest.pageInfo.hasNextPage).toBe(false);
  const seen = [first, second, rest].flatMap(({ nodes }) => nodes.map(({ email }: Listed) => email));
  expect(new Set(seen).size).toBe(seen.length);
  expect(rest.totalCount).toBe(seen.length + 1);
});

test('a name is looked for by how it begins, in any case and letter by letter', async () => {
  expect(names(await list({ search: 'RI' })).toSorted()).toEqual(['Richard', 'ri%ta', 'ri_x', 'rita']);
  expect(names(await list({ search: 'ri%' }))).toEqual(['ri%ta']);
  expect(names(await list({ search: 'ri_' }))).toEqual(['ri_x']);
  expect(await list({ search: 'ita' })).toMatchObject({ nodes: [], totalCount: 0 });
});

test('an e-mail address is found and shown by ADMIN and OPERATOR, and neither by AUDITOR', async () => {
  for (const as of ['ADMIN', 'OPERATOR'] as const)
    expect((await list({ search: 'Hidden@' }, as)).nodes).toMatchObject([{ email: 'hidden@list.example' }]);
  expect((await list({ search: 'hidden@' }, 'AUDITOR')).nodes).toEqual([]);
  expect((await list({ search: 'ri_x' }, 'AUDITOR')).nodes).toMatchObject([
    { username: 'ri_x', email: null },
  ]);
});

test('roles and status narrow the list, together', async () => {
  const auditors = await list({ roles: ['AUDITOR'] });
  expect(names(auditors)).toContain('ri_x');
  expect(auditors.nodes.every(({ roles }: { roles: string[] }) => roles.includes('AUDITOR'))).toBe(true);
  await db.updateTable('app_user').set({ status: 'LOCKED' }).where('username', '=', 'ri_x').execute();
  expect(names(await list({ status: 'LOCKED' }))).toEqual(['ri_x']);
  expect((await list({ status: 'LOCKED', roles: ['PLAYER', 'ADMIN'] })).totalCount).toBe(0);
  expect(names(await list({ roles: ['AUDITOR'], status: 'ACTIVE' }))).not.toContain('ri_x');
});

test('a guest is listed where he has a role, with that role, and not to another venue', async () => {
  const before = await list({}, 'FOREIGN_ADMIN');
  const { id } = await aUser(runWork, { venueId, displayName: 'guest' });
  expect((await list({ search: 'guest' }, 'FOREIGN_ADMIN')).nodes).toEqual([]);
  const elsewhere = await db
    .selectFrom('venue')
    .select('id')
    .where('slug', '=', 'elsewhere')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('user_role')
    .values({ user_id: id, venue_id: elsewhere.id, role: 'OPERATOR' })
    .execute();
  expect((await list({ search: 'guest' }, 'FOREIGN_ADMIN')).nodes).toMatchObject([{ roles: ['OPERATOR'] }]);
  expect((await list({ search: 'guest' })).nodes).toMatchObject([{ roles: ['PLAYER'] }]);
  expect((await list({}, 'FOREIGN_ADMIN')).totalCount).toBe(before.totalCount + 1);
});

test.each([{ search: ' ' }, { search: 'a\u0000' }, { search: 'x'.repeat(255) }, { first: 101 }])(
  '%j is API_001',
  async (variables) => {
    const { errors } = await floor.ask(USERS, { as: 'ADMIN', variables });
    expect(errors?.[0]?.extensions.code).toBe('API_001');
  },
);

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** The most rows that any step of a plan has read. */
const mostRead = (node: PlanNode): number =>
  Math.max(
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    ...(node.Plans ?? []).map(mostRead),
  );

test('a page of thousands of users reads no more of them than it shows, guests among them', async () => {
  const { id: crowded } = await aVenue(runWork, { slug: 'crowded' });
  const many = 5_000;
  await sql`insert into app_user (id, venue_id, email, password_hash, display_name, created_at)
    select gen_random_uuid(), ${crowded}, 'crowd-' || n || '@list.example', '$argon2id$none', 'Crowd ' || n,
      date_trunc('milliseconds', now()) - n * interval '1 minute'
    from generate_series(1, ${many}) n`.execute(db);
  await sql`insert into user_role (user_id, venue_id, role)
    select id, venue_id, 'PLAYER' from app_user where venue_id = ${crowded}`.execute(db);
  const guest = await aUser(runWork, { venueId, displayName: 'Guest' });
  const roles = [{ user_id: guest.id, venue_id: crowded, role: 'OPERATOR' as const }];
  await db.insertInto('user_role').values(roles).execute();
  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  await sql`analyze app_user, user_role`.execute(owner.db);

  const everybody: UserFilter = { roles: null, status: null, name: null };
  const range = { after: null, before: null, limit: 21, backward: false };
  const read = async (filter: Partial<UserFilter>, place: object = {}) => {
    const page = userPage(db, crowded, {
      filter: { ...everybody, ...filter },
      range: { ...range, ...place },
    });
    const { rows } = await sql<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>`
      explain (analyze, format json) ${page}`.execute(db);
    const shown = (await page.execute(db)).rows.map(({ display_name }) => display_name);
    return { shown, most: mostRead((rows[0] as (typeof rows)[number])['QUERY PLAN'][0].Plan) };
  };
  const middle = { at: new Date(Date.now() - (many / 2) * 60_000), id: newId() };
  const first = await read({});
  expect(first.shown.slice(0, 2)).toEqual(['Guest', 'Crowd 1']);
  for (const { shown, most } of [
    first,
    await read({}, { after: middle }),
    await read({}, { before: middle, backward: true }),
    await read({ status: 'ACTIVE' }, { backward: true }),
    await read({ roles: ['PLAYER'] }),
  ]) {
    expect(shown).toHaveLength(21);
    expect(most).toBeLessThan(100);
  }
  const operators = await read({ roles: ['OPERATOR'] });
  expect([operators.shown, operators.most < 100]).toEqual([['Guest'], true]);
  const named = await read({ name: { prefix: 'crowd 4999', withEmail: true } });
  expect([named.shown, named.most < 100]).toEqual([['Crowd 4999'], true]);
});
