import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { updateVenue } from '../../src/auth/venue-service.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { VersionConflictError } from '../../src/lib/errors.ts';
import { aFloorApp } from '../support/app.ts';
import { aVenue, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
const { db, runWork, auth } = floor.app().services;
const { http, transports } = transportsTo(floor);
const casino = encodeGlobalId('Venue', floor.venueId);
const admin = await floor.token('ADMIN');

const VENUE = 'venue { id slug name timeZone currency isDemo version }';
const CREATE = `mutation ($input: CreateVenueInput!) {
  createVenue(input: $input) { __typename ... on CreateVenueSuccess { ${VENUE} } ... on Error { code } }
}`;
const UPDATE = `mutation ($input: UpdateVenueInput!) {
  updateVenue(input: $input) {
    __typename ... on UpdateVenueSuccess { ${VENUE} } ... on Error { code }
    ... on VersionConflictError { currentVersion }
  }
}`;
const NEW = { slug: 'annex', name: ' The Annex ', timeZone: 'Europe/Lisbon', currency: 'EUR' };
const update = async (input: object, token = admin) =>
  (await http(UPDATE, { token, input: { venueId: casino, ...input } })).data.updateVenue;
const versionOf = async (venueId: string) =>
  (await db.selectFrom('venue').select('version').where('id', '=', venueId).executeTakeFirstOrThrow())
    .version;

test.each(transports)(
  'over %s, whoever makes a venue is its ADMIN, with a sign-in of its own',
  async (name, ask) => {
    const slug = `annex-${name === 'HTTP' ? 'http' : 'socket'}`;
    const { data } = await ask(CREATE, { token: admin, input: { ...NEW, slug } });
    const { venue } = data.createVenue;
    expect(venue).toMatchObject({ slug, name: 'The Annex', currency: 'EUR', isDemo: false, version: 1 });

    const seen = await ask('{ venues { slug } machines { totalCount } }', { token: admin });
    expect(seen.data.venues).toContainEqual({ slug });
    // One token, one venue: this one is still for the old one.
    expect(seen.data.machines.totalCount).toBe(1);
    expect(await update({ venueId: venue.id, expectedVersion: 1, name: 'Mine' })).toMatchObject({
      code: 'API_002',
    });

    const { accessToken: token } = await auth.login(
      { identifier: 'admin', password: PASSWORD, venue: slug },
      {},
    );
    const there = await ask(
      '{ viewer { roles venue { slug } } machines { totalCount } users { totalCount } }',
      { token },
    );
    expect(there.data).toEqual({
      viewer: { roles: ['ADMIN'], venue: { slug } },
      machines: { totalCount: 0 },
      users: { totalCount: 1 },
    });
    const renamed = await ask(UPDATE, {
      token,
      input: { venueId: venue.id, expectedVersion: 1, currency: 'CHF' },
    });
    expect(renamed.data.updateVenue).toMatchObject({
      venue: { currency: 'CHF', name: 'The Annex', version: 2 },
    });
  },
);

test.each([
  [{ slug: 'casino' }, 'VenueSlugTakenError'],
  [{ slug: 'The Annex' }, 'ValidationError'],
  [{ name: ' ' }, 'ValidationError'],
  [{ currency: 'XTS' }, 'ValidationError'],
  [{ currency: 'XDR' }, 'ValidationError'],
])('%j makes no venue: %s', async (overrides, error) => {
  const { data, errors } = await http(CREATE, { token: admin, input: { ...NEW, ...overrides } });
  expect(errors).toBeUndefined();
  expect(data.createVenue).toEqual({ __typename: error, code: 'API_001' });
});

test('a venue is changed by who read its current version, and what is not named stays', async () => {
  const expectedVersion = await versionOf(floor.venueId);
  const change = { name: 'Casino', timeZone: 'America/Santiago' };
  expect(await update({ expectedVersion, slug: null, ...change })).toMatchObject({
    venue: { slug: 'casino', currency: 'USD', version: expectedVersion + 1, ...change },
  });
  expect(await update({ expectedVersion, name: 'Palace' })).toEqual({
    __typename: 'VersionConflictError',
    code: 'API_003',
    currentVersion: expectedVersion + 1,
  });
  const { rows } = await eventually(async () => {
    const found = await sql<{ payload: object }>`
      select payload from event_log where type = 'auth.venue-updated' and venue_id = ${floor.venueId}
    `.execute(db);
    return found.rows.length > 0 && found;
  });
  expect(rows).toEqual([{ payload: { slug: 'casino', currency: 'USD', ...change } }]);
});

test('a taken slug, a time zone that is none and another currency than the machines count in are refused', async () => {
  const expectedVersion = await versionOf(floor.venueId);
  expect(await update({ expectedVersion, slug: 'elsewhere' })).toMatchObject({
    __typename: 'VenueSlugTakenError',
  });
  expect(await update({ expectedVersion, currency: 'EUR' })).toEqual({
    __typename: 'ValidationError',
    code: 'API_001',
  });
  const input = { venueId: casino, expectedVersion, timeZone: 'Europe/Nowhere' };
  expect(refusalOf(await http(UPDATE, { token: admin, input }))).toBe('API_001');
  expect(await versionOf(floor.venueId)).toBe(expectedVersion);
});

test('another venue’s ADMIN finds the venue no more than one that is not there', async () => {
  const foreign = await floor.token('FOREIGN_ADMIN');
  for (const venueId of [casino, encodeGlobalId('Venue', crypto.randomUUID())])
    expect(await update({ venueId, expectedVersion: 1 }, foreign)).toEqual({
      __typename: 'NotFoundError',
      code: 'API_002',
    });
});

test('of ten changes of one version at once one is made', async () => {
  const { id: venueId } = await aVenue(runWork);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, at) =>
      runWork(system('test'), (work) =>
        updateVenue(work, { venueId, expectedVersion: 1, name: `Venue no. ${at}` }),
      ),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(VersionConflictError);
  expect(await versionOf(venueId)).toBe(2);
});
