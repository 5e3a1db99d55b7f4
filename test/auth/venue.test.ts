import { expect, test } from 'vitest';
import { LastAdminError, SessionRevokedError, VenueSlugTakenError } from '../../src/auth/errors.ts';
import { findVisibleUsers } from '../../src/auth/user-service.ts';
import { lockUser } from '../../src/auth/user-standing-service.ts';
import { createVenue, listVenues } from '../../src/auth/venue-service.ts';
import { type Actor, ANONYMOUS, system } from '../../src/lib/actor.ts';
import { ValidationError } from '../../src/lib/errors.ts';
import { anAuth, runWorkOn, signedIn } from '../support/auth.ts';
import { anActor, aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { seconds } from '../support/second.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const meanwhile = seconds(floor, runWork);
const readAs = (actor: Actor) => ({ db: floor.db, actor, now: new Date() });
const create = (input: Parameters<typeof createVenue>[1]) =>
  runWork(system('test'), (work) => createVenue(work, input));
const GRAND = { slug: 'grand', name: ' The Grand ', timeZone: 'Europe/Vienna', currency: 'EUR' };

test('a venue is created trimmed and is no demo unless it says so; its slug is its own', async () => {
  const venue = await create(GRAND);
  expect(venue).toMatchObject({ ...GRAND, name: 'The Grand', isDemo: false });
  await expect(create(GRAND)).rejects.toThrow(VenueSlugTakenError);
});

test.each([
  { slug: 'Grand' },
  { slug: '-grand' },
  { slug: 'g'.repeat(64) },
  { slug: '' },
  { name: ' ' },
  { name: 'x'.repeat(201) },
  { name: 'a\u0000b' },
  { timeZone: 'Europe/Nowhere' },
  { timeZone: '+02:00' },
  { timeZone: '' },
  { currency: 'eur' },
  { currency: 'XYZ' },
])('%j makes no venue', async (overrides) => {
  await expect(create({ ...GRAND, slug: 'new', ...overrides })).rejects.toThrow(ValidationError);
});

test('a user lists the venues where he has a role, floorwire all of them, nobody none', async () => {
  const [home, other, foreign] = [await aVenue(runWork), await aVenue(runWork), await aVenue(runWork)];
  const user = await aUser(runWork, { venueId: home.id });
  const role = { user_id: user.id, venue_id: other.id, role: 'AUDITOR' } as const;
  await floor.db.insertInto('user_role').values(role).execute();
  expect(await listVenues(readAs(anActor(user)))).toEqual([home, other]);
  expect(await listVenues(readAs(system('test')))).toEqual(expect.arrayContaining([home, other, foreign]));
  expect(await listVenues(readAs(ANONYMOUS))).toEqual([]);
});

test('an operator sees the people of his venue and no others; a player sees himself', async () => {
  const [home, foreign] = [await aVenue(runWork), await aVenue(runWork)];
  const operator = await aUser(runWork, { venueId: home.id, roles: ['OPERATOR'] });
  const player = await aUser(runWork, { venueId: home.id });
  const stranger = await aUser(runWork, { venueId: foreign.id });
  const guest = await aUser(runWork, { venueId: foreign.id });
  const role = { user_id: guest.id, venue_id: home.id, role: 'PLAYER' } as const;
  await floor.db.insertInto('user_role').values(role).execute();

  const ids = [operator.id, player.id, stranger.id, guest.id, crypto.randomUUID()];
  const seenBy = async (actor: Actor) =>
    (await findVisibleUsers({ ...readAs(actor), viewer: actor }, ids)).map(({ id }) => id).toSorted();
  expect(await seenBy(anActor(operator))).toEqual([operator.id, player.id, guest.id].toSorted());
  expect(await seenBy(anActor(player))).toEqual([player.id]);
  expect(await seenBy(ANONYMOUS)).toEqual([]);
});

/** One of two ADMINs of his venue, so that his account may go. */
async function anAdmin() {
  const { id: venueId } = await aVenue(runWork);
  const [admin] = [
    await aUser(runWork, { venueId, roles: ['ADMIN'] }),
    await aUser(runWork, { venueId, roles: ['ADMIN'] }),
  ];
  return { venueId, userId: admin.id, email: admin.email, actor: anActor(admin) };
}

const slugs = async () => (await listVenues(readAs(system('test')))).map(({ slug }) => slug);

test('nobody deletes his account while he makes a venue, which would have no ADMIN', async () => {
  const admin = await anAdmin();
  const auth = await anAuth(floor);
  const actor = await signedIn(auth, admin);
  const slug = 'made-first';
  await expect(
    meanwhile(
      (work) => createVenue({ ...work, actor }, { ...GRAND, slug }),
      () => auth.accounts.deleteAccount(actor, PASSWORD, {}),
    ),
  ).rejects.toThrow(LastAdminError);
  expect((await listVenues(readAs(actor))).map((venue) => venue.slug)).toContain(slug);
});

test('nobody makes a venue while his account is shut, which would have no ADMIN', async () => {
  const { venueId, userId, actor } = await anAdmin();
  const slug = 'made-second';
  await expect(
    meanwhile(
      (work) => lockUser({ ...work, actor: system('test') }, { userId, venueId, reason: 'test' }),
      () => runWork(actor, (work) => createVenue(work, { ...GRAND, slug })),
    ),
  ).rejects.toThrow(SessionRevokedError);
  expect(await slugs()).not.toContain(slug);
});
