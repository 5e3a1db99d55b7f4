import ICAL from 'ical.js';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { insertAccountToken } from '../../src/auth/account-token-store.ts';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { revokeSessions } from '../../src/auth/session-store.ts';
import { lockAccount } from '../../src/auth/user-store.ts';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { MAX_FEEDS } from '../../src/booking/calendar-feed.ts';
import { readCalendar } from '../../src/booking/calendar-feed-service.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { noteSecrets } from '../support/secrets.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, transports, signIn } = transportsTo(floor);
const DAY_MS = 86_400_000;

const CREATE = `mutation ($input: CreateCalendarFeedInput!) { createCalendarFeed(input: $input) { __typename
  ... on CreateCalendarFeedSuccess { url feed { id name } } ... on Error { code } } }`;
const REVOKE = `mutation ($input: RevokeCalendarFeedInput!) { revokeCalendarFeed(input: $input) { __typename
  ... on RevokeCalendarFeedSuccess { feedId } ... on Error { code } } }`;
const FEEDS = '{ calendarFeeds { id name createdAt } }';

async function somebody() {
  const { id, email } = await aUser(runWork, { venueId });
  return { id, token: (await signIn(email)).accessToken };
}

async function aFeed(token: string, name = 'Phone'): Promise<{ id: string; url: string; feedToken: string }> {
  const { data } = await http(CREATE, { token, input: { name } });
  const { url, feed } = data.createCalendarFeed;
  const feedToken = /\/ical\/([^/]+)\.ics$/.exec(url)?.[1] ?? '';
  noteSecrets({ feedToken });
  return { id: feed.id, url, feedToken };
}

const eventsOf = async (url: string) =>
  new ICAL.Component(ICAL.parse(await (await fetch(url)).text()))
    .getAllSubcomponents('vevent')
    .map((event) => ({
      uid: event.getFirstPropertyValue('uid'),
      sequence: event.getFirstPropertyValue('sequence'),
      status: event.getFirstPropertyValue('status'),
      summary: event.getFirstPropertyValue('summary'),
      startsAt: new ICAL.Event(event).startDate.toJSDate(),
    }));

async function aBookingOf(userId: string, name = 'Table') {
  const resource = await aResource(runWork, { venueId, name: `${name} ${userId}` });
  const slot = (index: number) => ({ resourceId: resource.id, day: dayAhead(resource), index });
  const booking = await aBooking(runWork, { venueId, userId, slot: slot(9) });
  return { resource, slot, booking };
}

test.each(transports)('over %s a feed is made, listed and revoked', async (_name, ask) => {
  const { token } = await somebody();
  const { data } = await ask(CREATE, { token, input: { name: 'Phone' } });
  const { feed, url } = data.createCalendarFeed;
  expect(url).toMatch(new RegExp(`^${floor.app().url}/ical/fwcal_[A-Za-z0-9_-]{43}\\.ics$`));
  const listed = (await ask(FEEDS, { token })).data.calendarFeeds;
  expect(listed).toEqual([{ ...feed, createdAt: expect.any(String) }]);
  expect((await fetch(url)).status).toBe(200);
  const stranger = await somebody();
  expect((await ask(FEEDS, { token: stranger.token })).data.calendarFeeds).toEqual([]);
  const revoke = async (as: string) =>
    (await ask(REVOKE, { token: as, input: { feedId: feed.id } })).data.revokeCalendarFeed;
  expect(await revoke(stranger.token)).toMatchObject({ code: 'API_002' });
  expect(await revoke(token)).toMatchObject({ feedId: feed.id });
  expect((await fetch(url)).status).toBe(404);
  expect(await revoke(token)).toMatchObject({ code: 'API_002' });
});

test('a calendar shows a booking, that it is moved, and that it is cancelled', async () => {
  const { id: userId, token } = await somebody();
  const { url } = await aFeed(token);
  const { booking, slot, resource } = await aBookingOf(userId, 'Table, "one"; 🎰');
  await aBookingOf((await somebody()).id);
  const elsewhere = (await aVenue(runWork)).id;
  await db.insertInto('user_role').values({ user_id: userId, venue_id: elsewhere, role: 'PLAYER' }).execute();
  const table = await aResource(runWork, { venueId: elsewhere });
  const there = { resourceId: table.id, day: dayAhead(table), index: 9 };
  await aBooking(runWork, { venueId: elsewhere, userId, slot: there });
  const event = { uid: `${booking.id}@floorwire`, summary: resource.name, startsAt: booking.startsAt };
  expect(await eventsOf(url)).toEqual([{ ...event, sequence: 0, status: 'CONFIRMED' }]);

  const moved = await runWork(DESK, (work) =>
    rescheduleBooking(work, { venueId, bookingId: booking.id, slot: slot(12) }),
  );
  expect(moved.startsAt).not.toEqual(booking.startsAt);
  expect(await eventsOf(url)).toEqual([
    { ...event, startsAt: moved.startsAt, sequence: 1, status: 'CONFIRMED' },
  ]);

  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: booking.id, reason: null, refund: 'RULE' }),
  );
  expect(await eventsOf(url)).toEqual([
    { ...event, startsAt: moved.startsAt, sequence: 2, status: 'CANCELLED' },
  ]);
});

test('what is over is shown for 90 days, and so is what was cancelled', async () => {
  const { id: userId, token } = await somebody();
  const { feedToken } = await aFeed(token);
  const { booking, resource } = await aBookingOf(userId);
  const far = { resourceId: resource.id, day: dayAhead(resource, 200), index: 9 };
  const cancelled = await aBooking(runWork, { venueId, userId, slot: far });
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: cancelled.id, reason: null, refund: 'RULE' }),
  );
  const shown = async (at: Date) =>
    ((await readCalendar(db, feedToken, at)) ?? '').match(/^UID:.*?@/gm)?.map((line) => line.slice(4, -1));
  const endMs = booking.endsAt.getTime();
  expect((await shown(new Date()))?.sort()).toEqual([booking.id, cancelled.id].sort());
  expect(await shown(new Date(endMs + 90 * DAY_MS - 1_000))).toEqual([booking.id]);
  expect(await shown(new Date(endMs + 90 * DAY_MS + 1_000))).toBeUndefined();
});

test('a calendar that did not change is not sent again', async () => {
  const { id: userId, token } = await somebody();
  const { url } = await aFeed(token);
  const { booking } = await aBookingOf(userId);
  const first = await fetch(url);
  const etag = first.headers.get('etag') ?? '';
  expect(first.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
  expect(first.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/);
  const text = await first.text();
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
  expect(text).toContain('\r\nREFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n');
  const again = (tag: string) => fetch(url, { headers: { 'if-none-match': tag } });
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const same = await again(tag);
    expect([same.status, await same.text()]).toEqual([304, '']);
  }
  expect((await again('"other"')).status).toBe(200);
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: booking.id, reason: null, refund: 'RULE' }),
  );
  expect((await again(etag)).status).toBe(200);
});

test('whose owner is locked, gone, or nobody at the venue is not there, as what never was', async () => {
  const said = async (url: string) => {
    const answer = await fetch(url);
    const { errors } = await answer.json();
    return [answer.status, errors[0].message, errors[0].extensions.code];
  };
  const never = await said(`${floor.app().url}/ical/fwcal_${'A'.repeat(43)}.ics`);
  expect(never).toEqual([404, expect.any(String), 'API_002']);
  expect(await said(`${floor.app().url}/ical/..%2f.ics`)).toEqual(never);

  const locked = await somebody();
  const lockedFeed = await aFeed(locked.token);
  const setStatus = (status: 'LOCKED' | 'ACTIVE') =>
    db.updateTable('app_user').set({ status }).where('id', '=', locked.id).execute();
  await setStatus('LOCKED');
  expect(await said(lockedFeed.url)).toEqual(never);
  await setStatus('ACTIVE');
  expect((await fetch(lockedFeed.url)).status).toBe(200);
  await db.deleteFrom('user_role').where('user_id', '=', locked.id).execute();
  const elsewhere = { user_id: locked.id, venue_id: (await aVenue(runWork)).id };
  await db
    .insertInto('user_role')
    .values({ ...elsewhere, role: 'PLAYER' })
    .execute();
  expect(await said(lockedFeed.url)).toEqual(never);

  const gone = await somebody();
  const goneFeed = await aFeed(gone.token);
  await http('mutation ($input: DeleteMyAccountInput!) { deleteMyAccount(input: $input) { __typename } }', {
    token: gone.token,
    input: { password: PASSWORD },
  });
  expect(await said(goneFeed.url)).toEqual(never);
  const left = await db.selectFrom('calendar_feed').select('id').where('user_id', '=', gone.id).execute();
  expect(left).toEqual([]);
});

test('one person has so many feeds at most, though they are asked for together', async () => {
  const { token } = await somebody();
  const made = await Promise.all(
    Array.from({ length: MAX_FEEDS + 3 }, async (_, at) => {
      const { data } = await http(CREATE, { token, input: { name: `Calendar ${at}` } });
      return data.createCalendarFeed.__typename;
    }),
  );
  expect(made.filter((name) => name === 'CreateCalendarFeedSuccess')).toHaveLength(MAX_FEEDS);
  expect(made.filter((name) => name === 'ValidationError')).toHaveLength(3);
});

/** Whether a transaction of the server waits for another one's rows. */
const isWaitedFor = async (): Promise<boolean> => {
  const { rows } = await sql`select from pg_locks join pg_stat_activity using (pid)
    where not granted and datname = current_database()`.execute(db);
  return rows.length > 0;
};

test('a session that is ended meanwhile makes no feed that nobody would see to', async () => {
  const { id: userId, token } = await somebody();
  const making = await db.transaction().execute(async (tx) => {
    await lockAccount(tx, userId);
    const asked = http(CREATE, { token, input: { name: 'Phone' } });
    await Promise.race([asked, eventually(isWaitedFor)]);
    await revokeSessions(tx, { userId, which: 'all', at: new Date() });
    return { asked };
  });
  const { errors } = await making.asked;
  expect(errors?.[0]?.extensions.code).toBe('AUTH_012');
  const left = await db.selectFrom('calendar_feed').select('id').where('user_id', '=', userId).execute();
  expect(left).toEqual([]);
});

test('the log says that a calendar was read, and not which', async () => {
  const { token } = await somebody();
  const { url, feedToken } = await aFeed(token);
  await fetch(url);
  await fetch(url, { method: 'POST' });
  expect(floor.logged()).toContain('/ical/…');
  expect(floor.logged()).not.toContain(feedToken);
  expect(floor.logged()).not.toContain(feedToken.slice(0, 20));
});

test.each([true, false])(
  'a password by mail ends the calendars of whoever registered with an address that was not his: verified %s',
  async (isEmailVerified) => {
    const { id: userId, email } = await aUser(runWork, { venueId, isEmailVerified });
    const { url } = await aFeed((await signIn(email)).accessToken);
    const { token, hash } = makeOpaqueToken();
    await runWork(ANONYMOUS, (work) =>
      insertAccountToken(
        work.tx,
        { userId, venueId, purpose: 'RESET_PASSWORD', email },
        { hash, at: work.now, expiresAt: new Date(work.now.getTime() + 3_600_000) },
      ),
    );
    const { accounts } = floor.app().services.auth;
    await accounts.resetPassword({ token, newPassword: 'nine herons over a weir' }, {});
    expect((await fetch(url)).status).toBe(isEmailVerified ? 200 : 404);
    const told = sql`select from event_log
      where type = 'booking.calendar-feed-revoked' and payload ->> 'userId' = ${userId}`;
    if (!isEmailVerified) await eventually(async () => (await told.execute(db)).rows.length === 1);
  },
);
