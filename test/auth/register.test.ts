import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { EmailTakenError, UsernameTakenError, WeakPasswordError } from '../../src/auth/errors.ts';
import { NotFoundError, ValidationError } from '../../src/lib/errors.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const first = await aVenue(runWork);
const second = await aVenue(runWork);
const auth = await anAuth(floor);

const countUsers = async (email: string) =>
  (await floor.db.selectFrom('app_user').select('id').where('email', '=', email).execute()).length;

test('whoever registers is a PLAYER of the oldest venue and can sign in at once', async () => {
  const user = await auth.registerUser({ email: 'Rosa@Example.com', password: PASSWORD });
  expect(user).toMatchObject({
    email: 'Rosa@Example.com',
    username: null,
    displayName: null,
    status: 'ACTIVE',
    homeVenueId: first.id,
    roles: ['PLAYER'],
  });
  const signedIn = await auth.login({ identifier: 'rosa@example.COM', password: PASSWORD }, {});
  expect(signedIn.user).toEqual(user);
});

test('a venue is chosen by its slug, and an unknown one is not found', async () => {
  const user = await auth.registerUser({ email: 'b@example.com', password: PASSWORD, venue: second.slug });
  expect(user.homeVenueId).toBe(second.id);
  for (const venue of ['nowhere', 'NOT A SLUG', '\u0000', '']) {
    const attempt = auth.registerUser({ email: 'c@example.com', password: PASSWORD, venue });
    await expect(attempt).rejects.toThrow(NotFoundError);
  }
});

test('of ten who register one e-mail address at once in different cases, one gets it', async () => {
  const emails = Array.from({ length: 10 }, (_, at) =>
    [...'race@example.com'].map((sign, index) => (index % 10 === at ? sign.toUpperCase() : sign)).join(''),
  );
  const results = await Promise.allSettled(
    emails.map((email) => auth.registerUser({ email, password: PASSWORD })),
  );
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(refusals).toHaveLength(9);
  for (const refusal of refusals) {
    expect(refusal).toBeInstanceOf(EmailTakenError);
    expect(refusal).toMatchObject({ code: 'AUTH_010', cause: expect.anything() });
  }
});

test('a username is taken in every case, and who is refused leaves nothing behind', async () => {
  await auth.registerUser({ email: 'd@example.com', password: PASSWORD, username: 'Delta' });
  const attempt = auth.registerUser({ email: 'e@example.com', password: PASSWORD, username: 'delta' });
  await expect(attempt).rejects.toThrow(UsernameTakenError);
  expect(await countUsers('e@example.com')).toBe(0);
});

test('two without a username do not collide', async () => {
  await auth.registerUser({ email: 'f@example.com', password: PASSWORD });
  await auth.registerUser({ email: 'g@example.com', password: PASSWORD });
  expect(await countUsers('g@example.com')).toBe(1);
});

test('a weak password and a malformed name are refused before any hashing', async () => {
  const { hashed } = auth.hashingStatistics();
  const weak = auth.registerUser({ email: 'h@example.com', password: 'password1234' });
  await expect(weak).rejects.toThrow(WeakPasswordError);
  const malformed = auth.registerUser({ email: 'h', password: PASSWORD });
  await expect(malformed).rejects.toThrow(ValidationError);
  expect(auth.hashingStatistics().hashed).toBe(hashed);
});

test('the event of a registration names ids and roles and nothing of the person', async () => {
  const user = await auth.registerUser({ email: 'ines@example.com', password: PASSWORD, username: 'ines' });
  const events = await sql<{ payload: object; actor: object; venue_id: string }>`
    select payload, actor, venue_id from outbox
    where type = 'auth.user-registered' and payload ->> 'userId' = ${user.id}`.execute(floor.db);
  expect(events.rows).toEqual([
    {
      payload: { userId: user.id, roles: ['PLAYER'] },
      actor: { kind: 'anonymous', id: null },
      venue_id: first.id,
    },
  ]);
});

test('the database refuses two spellings of one address, a plain password and an unknown role by itself', async () => {
  const row = (email: string, passwordHash: string) => ({
    id: crypto.randomUUID(),
    venue_id: first.id,
    email,
    username: null,
    display_name: null,
    password_hash: passwordHash,
  });
  const insert = (email: string, passwordHash: string) =>
    floor.db.insertInto('app_user').values(row(email, passwordHash)).execute();
  await insert('jo@example.com', '$argon2id$');
  await expect(insert('JO@example.com', '$argon2id$')).rejects.toThrow(/app_user_email_unique/);
  await expect(insert('k@example.com', PASSWORD)).rejects.toThrow(/app_user_password_hash_kind/);
  const unknownRole = sql`
    insert into user_role select id, venue_id, 'OWNER' from app_user where email = 'jo@example.com'`;
  await expect(unknownRole.execute(floor.db)).rejects.toThrow(/user_role_known/);
});
