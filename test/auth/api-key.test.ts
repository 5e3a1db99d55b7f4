import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { isSecretOf, makeSecret, parseTerms, prefixOf, statusOf } from '../../src/auth/api-key.ts';
import { createApiKey, findVisibleApiKeys, revokeApiKey } from '../../src/auth/api-key-service.ts';
import { SessionRevokedError } from '../../src/auth/errors.ts';
import { grantableScopesOf, PARTNER_SCOPES } from '../../src/auth/scopes.ts';
import { revokeOwnSession } from '../../src/auth/session-service.ts';
import type { Actor, PartnerActor, Role, Scope, UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { anApiKey, aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { seconds } from '../support/second.ts';
import { aSecondLater } from '../support/within-a-second.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const other = await aVenue(runWork);
const auth = await anAuth(floor);

const NOW = new Date('2026-03-01T12:00:00Z');
const FOLLOWABLE = new Map<string, Scope>([['machine.event-raised', 'MACHINES_READ']]);
const parse = (
  changes: Partial<Parameters<typeof parseTerms>[0]>,
  ownScopes: readonly Scope[] = PARTNER_SCOPES,
) =>
  parseTerms(
    { name: 'Accounting', scopes: ['MACHINES_READ'], eventTypes: [], expiresAt: null, ...changes },
    { ownScopes: new Set(ownScopes), followable: FOLLOWABLE, now: NOW },
  );
const an = async (role: Role, venueId = venue.id): Promise<UserActor> => {
  const { email } = await aUser(runWork, { venueId, roles: [role] });
  return await auth.actorOf((await auth.login({ identifier: email, password: PASSWORD }, {})).accessToken);
};
const make = (actor: Actor, made = makeSecret()) =>
  runWork(actor, (work) =>
    createApiKey(work, {
      venueId: venue.id,
      made,
      name: 'Accounting',
      scopes: ['MACHINES_READ'],
      eventTypes: [],
      expiresAt: null,
      followable: FOLLOWABLE,
    }),
  );
const revoke = (actor: Actor, apiKeyId: string, venueId = venue.id) =>
  runWork(actor, (work) => revokeApiKey(work, { venueId, apiKeyId }));
const lastUseOf = async (id: string) =>
  (await floor.db.selectFrom('api_key').select('last_used_at').where('id', '=', id).executeTakeFirstOrThrow())
    .last_used_at;

test('a key is 256 random bits behind a prefix that tells it from others', () => {
  const { secret, prefix, hash } = makeSecret();
  expect(secret).toMatch(/^fw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
  expect(prefixOf(secret)).toBe(prefix);
  expect(hash).toEqual(createHash('sha256').update(secret).digest());
  expect(isSecretOf(secret, hash)).toBe(true);
  expect(isSecretOf(makeSecret().secret, hash)).toBe(false);
  expect(makeSecret().prefix).not.toBe(prefix);
});

test.each(['', 'fw_', 'fw_0123456789ab', 'x'.repeat(59), `fw_0123456789AB_${'a'.repeat(43)}`, 'fw_\u0000'])(
  '%j was never given out as a key',
  (text) => expect(prefixOf(text)).toBeNull(),
);

test('what a new key may is said once each, in one order', () => {
  expect(
    parse({
      name: ' Accounting ',
      scopes: ['MACHINES_READ', 'VENUES_READ', 'MACHINES_READ'],
      eventTypes: ['machine.event-raised', 'machine.event-raised'],
    }),
  ).toEqual({
    name: 'Accounting',
    scopes: ['VENUES_READ', 'MACHINES_READ'],
    eventTypes: ['machine.event-raised'],
    expiresAt: null,
  });
});

test.each<Partial<Parameters<typeof parseTerms>[0]>>([
  { name: ' ' },
  { name: 'a\u0000b' },
  { name: 'a'.repeat(101) },
  { scopes: [] },
  { scopes: ['API_KEYS_WRITE'] },
  { scopes: ['USERS_READ'] },
  { scopes: ['DEVICE'] },
  { scopes: ['WALLETS_USE'] },
  { eventTypes: ['auth.session-opened'] },
  { eventTypes: ['machine.event-raised '] },
  { scopes: ['VENUES_READ'], eventTypes: ['machine.event-raised'] },
  { expiresAt: NOW },
  { expiresAt: new Date('2036-03-01T12:00:00.001Z') },
])('%j is refused', (changes) => {
  expect(() => parse(changes)).toThrow(expect.objectContaining({ code: 'API_001' }));
});

test('nobody grants what he does not have himself', async () => {
  expect(() => parse({ scopes: ['MACHINES_CONTROL'] }, ['MACHINES_READ'])).toThrow(
    expect.objectContaining({ code: 'AUTH_004' }),
  );
  expect(parse({ scopes: ['MACHINES_READ'] }, ['MACHINES_READ']).scopes).toEqual(['MACHINES_READ']);
  expect(grantableScopesOf(await an('AUDITOR')).has('MACHINES_CONTROL')).toBe(false);
  const admin = grantableScopesOf(await an('ADMIN'));
  expect(PARTNER_SCOPES.filter((scope) => !admin.has(scope))).toEqual([]);
});

test('a key is over when it was revoked or its time is', () => {
  const at = (iso: string) => new Date(iso);
  expect(statusOf({ expiresAt: null, revokedAt: null }, NOW)).toBe('ACTIVE');
  expect(statusOf({ expiresAt: at('2026-03-01T12:00:00.001Z'), revokedAt: null }, NOW)).toBe('ACTIVE');
  expect(statusOf({ expiresAt: NOW, revokedAt: null }, NOW)).toBe('EXPIRED');
  expect(statusOf({ expiresAt: NOW, revokedAt: NOW }, NOW)).toBe('REVOKED');
});

test.each<[Role]>([['OPERATOR'], ['AUDITOR'], ['PLAYER']])('%s makes and revokes no keys', async (role) => {
  const { id } = await make(await an('ADMIN'));
  const actor = await an(role);
  await expect(make(actor)).rejects.toMatchObject({ code: 'AUTH_004' });
  await expect(revoke(actor, id)).rejects.toMatchObject({
    code: role === 'AUDITOR' ? 'API_011' : 'API_002',
  });
});

test('another venue’s ADMIN makes no keys here, and finds none', async () => {
  const { id } = await make(await an('ADMIN'));
  const foreign = await an('ADMIN', other.id);
  await expect(make(foreign)).rejects.toMatchObject({ code: 'AUTH_004' });
  await expect(revoke(foreign, id, other.id)).rejects.toMatchObject({ code: 'API_002' });
  await expect(revoke(foreign, id)).rejects.toMatchObject({ code: 'API_002' });
  const read = { db: floor.db, actor: foreign, now: new Date() };
  expect(await findVisibleApiKeys(read, venue.id, [id])).toEqual([]);
});

test('a partner sees its own key and no other', async () => {
  const [own, another] = [
    await anApiKey(runWork, { venueId: venue.id }),
    await anApiKey(runWork, { venueId: venue.id }),
  ];
  const { actor } = await auth.authenticate(own.secret);
  const found = await findVisibleApiKeys({ db: floor.db, actor, now: new Date() }, venue.id, [
    own.id,
    another.id,
  ]);
  expect(found.map(({ id }) => id)).toEqual([own.id]);
});

test('a key gives exactly its scopes at its venue, and no database row holds it', async () => {
  const expiresAt = new Date(Date.now() + 60_000);
  const { id, secret } = await anApiKey(runWork, {
    venueId: venue.id,
    scopes: ['MACHINES_READ', 'VENUES_READ'],
    expiresAt,
  });
  expect(await auth.authenticate(secret)).toEqual({
    actor: {
      kind: 'partner',
      apiKeyId: id,
      venueId: venue.id,
      scopes: ['VENUES_READ', 'MACHINES_READ'],
      eventTypes: [],
    },
    expiresAt,
    keyId: null,
  });
  for (const table of ['api_key', 'outbox']) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(
      floor.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) expect(text).not.toContain(secret.slice(-43));
  }
});

test('a wrong key is AUTH_003, whatever is wrong with it, and also when the right one is over', async () => {
  const { id, secret } = await anApiKey(runWork, { venueId: venue.id });
  const wrong = `${secret.slice(0, -43)}${'A'.repeat(43)}`;
  const refused = { code: 'AUTH_003', message: 'The access token is not valid.' };
  for (const shown of [wrong, makeSecret().secret, 'fw_x', `${secret}A`, secret.toUpperCase()])
    await expect(auth.authenticate(shown)).rejects.toMatchObject(refused);
  await auth.authenticate(secret);
  await revoke(await an('ADMIN'), id);
  auth.forgetApiKeys();
  await expect(auth.authenticate(secret)).rejects.toMatchObject({ code: 'AUTH_012' });
  await expect(auth.authenticate(wrong)).rejects.toMatchObject(refused);
});

test('a revoked key has no power within its second, told or not', async () => {
  const { id, secret } = await anApiKey(runWork, { venueId: venue.id });
  const { actor } = await auth.authenticate(secret);
  await auth.refreshActor(actor);
  await revoke(await an('ADMIN'), id);
  await aSecondLater(async () => {
    await expect(auth.authenticate(secret)).rejects.toMatchObject({ code: 'AUTH_012' });
    await expect(auth.refreshActor(actor)).rejects.toMatchObject({ code: 'AUTH_012' });
  });

  const { secret: second, id: secondId } = await anApiKey(runWork, { venueId: venue.id });
  await auth.authenticate(second);
  await revoke(await an('ADMIN'), secondId);
  auth.forgetApiKeys();
  await expect(auth.authenticate(second)).rejects.toMatchObject({ code: 'AUTH_012' });
});

test('a key that was never made has no power', async () => {
  const actor: PartnerActor = {
    kind: 'partner',
    apiKeyId: newId(),
    venueId: venue.id,
    scopes: ['MACHINES_READ'],
    eventTypes: [],
  };
  await expect(auth.refreshActor(actor)).rejects.toMatchObject({ code: 'AUTH_012' });
  const { id } = await anApiKey(runWork, { venueId: venue.id });
  await expect(auth.refreshActor({ ...actor, apiKeyId: id, venueId: other.id })).rejects.toMatchObject({
    code: 'AUTH_012',
  });
});

test('a key has its power at once, also when it was shown before it was made', async () => {
  const [admin, made] = [await an('ADMIN'), makeSecret()];
  await expect(auth.authenticate(made.secret)).rejects.toMatchObject({ code: 'AUTH_003' });
  const { id: apiKeyId } = await make(admin, made);
  expect((await auth.authenticate(made.secret)).actor).toMatchObject({ kind: 'partner', apiKeyId });
});

test('a key ends to the millisecond, remembered or not', async () => {
  let shiftMs = 0;
  const shifted = await anAuth(floor, { clock: () => new Date(Date.now() + shiftMs) });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const { secret } = await anApiKey(runWork, { venueId: venue.id, expiresAt });
  const { actor } = await shifted.authenticate(secret);
  shiftMs = expiresAt.getTime() - Date.now() - 5_000;
  expect(await shifted.refreshActor(actor)).toEqual(actor);
  shiftMs = expiresAt.getTime() - Date.now();
  await expect(shifted.authenticate(secret)).rejects.toMatchObject({ code: 'AUTH_002' });
  await expect(shifted.refreshActor(actor)).rejects.toMatchObject({ code: 'AUTH_002' });
});

test('a hundred requests at once ask the database once, and write the use down once', async () => {
  const { id, secret } = await anApiKey(runWork, { venueId: venue.id });
  const asked: string[] = [];
  const db = floor.db.withPlugin({
    transformQuery: ({ node }) => {
      asked.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const counted = await anAuth({ ...floor, db }, { runWork: createRunWork({ db, onEvents: () => {} }) });
  asked.length = 0;
  await Promise.all(Array.from({ length: 100 }, () => counted.authenticate(secret)));
  await eventually(async () => (await lastUseOf(id)) !== null);
  expect(asked.filter((kind) => kind === 'SelectQueryNode')).toHaveLength(1);
  expect(asked.filter((kind) => kind === 'UpdateQueryNode')).toHaveLength(1);
});

test('a use is written down again after a minute, and not before', async () => {
  let shiftMs = 0;
  const shiftedWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => shiftMs });
  const { id, secret } = await anApiKey(runWork, { venueId: venue.id });
  const useAt = async (ms: number) => {
    shiftMs = ms;
    // Another process, which has not written yet.
    const process = await anAuth(floor, { runWork: shiftedWork });
    const before = await lastUseOf(id);
    await process.authenticate(secret);
    return before;
  };
  expect(await useAt(0)).toBeNull();
  const first = await eventually(() => lastUseOf(id));
  await useAt(30_000);
  await useAt(61_000);
  const second = await eventually(async () => {
    const at = await lastUseOf(id);
    return at && at > first ? at : null;
  });
  expect(second.getTime() - first.getTime()).toBeGreaterThanOrEqual(60_000);
});

test('a use that cannot be written down refuses nobody', async () => {
  const failures: unknown[] = [];
  const broken = await anAuth(floor, { onError: (error) => failures.push(error) });
  const failing = await anAuth(floor, {
    runWork: () => Promise.reject(new Error('down')),
    onError: (error) => failures.push(error),
  });
  const { secret } = await anApiKey(runWork, { venueId: venue.id });
  expect((await failing.authenticate(secret)).actor).toMatchObject({ kind: 'partner' });
  await eventually(() => failures.length === 1);
  expect((await broken.authenticate(secret)).actor).toMatchObject({ kind: 'partner' });
});

test('a second revocation changes nothing and tells nobody', async () => {
  const admin = await an('ADMIN');
  const { id } = await make(admin);
  const first = await revoke(admin, id);
  const again = await revoke(admin, id);
  expect(again).toEqual(first);
  const { rows } = await sql`select from outbox where type = 'auth.api-key-revoked'
    and payload ->> 'apiKeyId' = ${id}`.execute(floor.db);
  expect(rows).toHaveLength(1);
});

test('of ten revocations at once one is told of, and all are answered', async () => {
  const admin = await an('ADMIN');
  const { id } = await make(admin);
  const all = await Promise.allSettled(Array.from({ length: 10 }, () => revoke(admin, id)));
  expect(all.filter(({ status }) => status === 'rejected')).toEqual([]);
  const { rows } = await sql`select from outbox where type = 'auth.api-key-revoked'
    and payload ->> 'apiKeyId' = ${id}`.execute(floor.db);
  expect(rows).toHaveLength(1);
});

test('the database keeps a key from losing its scopes, its length and its name', async () => {
  const row = {
    id: newId(),
    venue_id: venue.id,
    name: 'x',
    prefix: makeSecret().prefix,
    secret_hash: Buffer.alloc(32, 1),
    scopes: ['MACHINES_READ'],
    event_types: [],
    created_by: null,
    created_at: new Date(),
    expires_at: null,
  };
  const insert = (changes: Partial<typeof row>) =>
    floor.db
      .insertInto('api_key')
      .values({ ...row, id: newId(), ...changes })
      .execute();
  await expect(insert({ scopes: [] })).rejects.toMatchObject({ constraint: 'api_key_has_scope' });
  await expect(insert({ secret_hash: Buffer.alloc(31) })).rejects.toMatchObject({
    constraint: 'api_key_hash_length',
  });
  await expect(insert({ name: '' })).rejects.toMatchObject({ constraint: 'api_key_name_length' });
  await insert({});
  await expect(insert({})).rejects.toMatchObject({ constraint: 'api_key_prefix_unique' });
});

test('a session that is being ended leaves no key', async () => {
  const thief = await an('ADMIN');
  const meanwhile = seconds(floor, runWork);
  await expect(
    meanwhile(
      (work) => revokeOwnSession(work, thief, thief.sessionId),
      () => make(thief),
    ),
  ).rejects.toThrow(SessionRevokedError);
  await expect(make(thief)).rejects.toThrow(SessionRevokedError);
});
