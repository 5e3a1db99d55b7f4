import { afterAll, afterEach, expect, test } from 'vitest';
import { createSealer } from '../../src/auth/sealing.ts';
import { system } from '../../src/lib/actor.ts';
import type { Message } from '../../src/mail/mail.ts';
import { startMailroom } from '../../src/mail/mailroom.ts';
import { forgetNotifications } from '../../src/notification/departure.ts';
import { startNotificationRetention } from '../../src/notification/jobs.ts';
import { postDueMail } from '../../src/notification/mail-service.ts';
import type { Audience } from '../../src/notification/notice.ts';
import type { NotificationType } from '../../src/notification/notification.ts';
import { setPreference } from '../../src/notification/preference-service.ts';
import { tell } from '../../src/notification/telling-service.ts';
import { createRunWork } from '../../src/work.ts';
import { SECRET_KEY } from '../support/auth.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { lockWaits } from '../support/lock-waits.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const DAY_MS = 86_400_000;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const SYSTEM = system('test');
const { id: venueId, name: venueName } = await aVenue(runWork);
const faults: unknown[] = [];
const onError = (error: unknown) => {
  faults.push(error);
};
const sent: Message[] = [];
const mailroom = startMailroom({
  runWork,
  sealer: createSealer({ secretKey: SECRET_KEY }, 'mail'),
  transport: { send: async (_, message) => void sent.push(message) },
  onError,
});
afterAll(async () => {
  await mailroom[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});
afterEach(() => {
  shiftMs = 0;
});

let position = 0n;
/** What follows from an event of its own, unless it is said which. */
function telling(to: Audience, { type = 'BOOKING', mailUntil, at }: Partial<Telling> = {}) {
  position += 1n;
  const place = at ?? position;
  return runWork(SYSTEM, (work) =>
    tell(work, {
      to,
      type,
      mails: true,
      venueId,
      severity: 'INFO',
      message: 'Something happened.',
      data: {},
      eventType: 'booking.placed',
      position: place,
      sentId: null,
      mailUntil: mailUntil ?? new Date(work.now.getTime() + DAY_MS),
    }),
  );
}
interface Telling {
  readonly type: NotificationType;
  readonly mailUntil: Date;
  readonly at: bigint;
}

const aPerson = (isEmailVerified = true) => aUser(runWork, { venueId, isEmailVerified });
const prefer = (userId: string, preference: Parameters<typeof setPreference>[2]) =>
  runWork(SYSTEM, (work) => setPreference(work, { userId, venueId, roles: ['PLAYER'] }, preference));
const rowsOf = (userId: string) =>
  db.selectFrom('notification').selectAll().where('user_id', '=', userId).execute();
const post = (accountUrl: string | null = null) =>
  runWork(SYSTEM, (work) => postDueMail(work, { mailroom, accountUrl }, 50));
const mailsTo = (address: string) => sent.filter(({ to }) => to === address);

/** All that was posted has left. */
async function delivered() {
  mailroom.wake();
  await eventually(async () => (await db.selectFrom('mail_outbox').select('id').execute()).length === 0);
}

test('of one event nobody is told twice, whoever tries at once', async () => {
  const [anna, bert] = [await aPerson(), await aPerson()];
  const to = { userIds: [anna.id, bert.id] };
  const at = 1_000_000n;
  const counts = await Promise.all(Array.from({ length: 5 }, () => telling(to, { at })));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect([(await rowsOf(anna.id)).length, (await rowsOf(bert.id)).length]).toEqual([1, 1]);
});

test('who deletes his account meanwhile is not told', async () => {
  const anna = await aPerson();
  let counted: Promise<number> | undefined;
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('app_user').set({ status: 'DELETED' }).where('id', '=', anna.id).execute();
    counted = telling({ userIds: [anna.id] });
    await eventually(async () => (await lockWaits(floor)) > 0);
  });
  expect(await counted).toBe(0);
  expect(await rowsOf(anna.id)).toEqual([]);
});

test('a mail goes to who wants it and has shown that the address is his, once however many post', async () => {
  const [anna, unverified, without] = [await aPerson(), await aPerson(false), await aPerson()];
  for (const { id } of [anna, unverified])
    await prefer(id, { type: 'BOOKING', inApp: undefined, byMail: true });
  await telling({ userIds: [anna.id, unverified.id, without.id] });
  await Promise.all([post(), post(), post()]);
  await post();
  await delivered();
  expect(mailsTo(anna.email)).toHaveLength(1);
  expect(mailsTo(anna.email)[0]).toMatchObject({
    subject: `${venueName}: your booking`,
    text: expect.stringContaining('setNotificationPreference(input: { type: BOOKING, email: false })'),
  });
  expect(mailsTo(unverified.email)).toEqual([]);
  expect(mailsTo(without.email)).toEqual([]);
});

test('a mail links to where its reader can say that he wants none', async () => {
  const anna = await aPerson();
  await telling({ userIds: [anna.id] }, { type: 'SECURITY' });
  await post('https://floor.example');
  await delivered();
  expect(mailsTo(anna.email)[0]?.text).toContain('https://floor.example/notification-preferences');
});

test('who wants a thing by mail alone has no notice of it, and an address that is gone gets none', async () => {
  const [anna, bert] = [await aPerson(), await aPerson()];
  for (const { id } of [anna, bert]) await prefer(id, { type: 'BOOKING', inApp: false, byMail: true });
  expect(await telling({ userIds: [anna.id, bert.id] })).toBe(2);
  expect((await rowsOf(anna.id)).map(({ is_shown }) => is_shown)).toEqual([false]);
  await db.updateTable('app_user').set({ email_verified_at: null }).where('id', '=', bert.id).execute();
  await post();
  await delivered();
  expect([mailsTo(anna.email).length, mailsTo(bert.email).length]).toEqual([1, 0]);
  expect([await rowsOf(anna.id), await rowsOf(bert.id)]).toEqual([[], []]);
});

test('a mail that is no use any more is not posted', async () => {
  const anna = await aPerson();
  await telling({ userIds: [anna.id] }, { type: 'WAITLIST', mailUntil: new Date(Date.now() + 60_000) });
  shiftMs = 61_000;
  await post();
  await delivered();
  expect(mailsTo(anna.email)).toEqual([]);
  expect((await rowsOf(anna.id)).map(({ mail_until }) => mail_until)).toEqual([null]);
});

test('a full lot is told to staff, and to who asked for it', async () => {
  const [player, curious] = [await aPerson(), await aPerson()];
  const operator = await aUser(runWork, { venueId, roles: ['OPERATOR'] });
  const deaf = await aUser(runWork, { venueId, roles: ['OPERATOR'] });
  await prefer(curious.id, { type: 'PARKING_LOT', inApp: true, byMail: undefined });
  await prefer(deaf.id, { type: 'PARKING_LOT', inApp: false, byMail: undefined });
  await telling('EVERYBODY', { type: 'PARKING_LOT' });
  const told = await Promise.all(
    [player, curious, operator, deaf].map(async ({ id }) => (await rowsOf(id)).length),
  );
  expect(told).toEqual([0, 1, 1, 0]);
});

test('what staff is told no player is, whatever he prefers', async () => {
  const player = await aPerson();
  await prefer(player.id, { type: 'MACHINE', inApp: true, byMail: true });
  await telling({ roles: ['OPERATOR', 'ADMIN'] }, { type: 'MACHINE' });
  expect(await rowsOf(player.id)).toEqual([]);
});

test('what somebody was told goes with his account', async () => {
  const anna = await aPerson();
  await prefer(anna.id, { type: 'BOOKING', inApp: undefined, byMail: true });
  await telling({ userIds: [anna.id] });
  await runWork(SYSTEM, (work) => forgetNotifications(work, anna.id));
  const choices = await db
    .selectFrom('notification_preference')
    .selectAll()
    .where('user_id', '=', anna.id)
    .execute();
  expect([await rowsOf(anna.id), choices]).toEqual([[], []]);
});

test('what was read is forgotten before what was not, and whoever has the list is told of both', async () => {
  const anna = await aPerson();
  await telling({ userIds: [anna.id] });
  await telling({ userIds: [anna.id] });
  const [first, second] = await rowsOf(anna.id);
  await prefer(anna.id, { type: 'WALLET', inApp: false, byMail: true });
  await telling({ userIds: [anna.id] }, { type: 'WALLET' });
  await db
    .updateTable('notification')
    .set({ read_at: new Date() })
    .where('id', '=', first?.id ?? '')
    .execute();
  const retention = { readMs: 2 * DAY_MS, unreadMs: 10 * DAY_MS };
  const left = async (count: number, days: number) => {
    shiftMs = days * DAY_MS;
    await using _job = startNotificationRetention({ runWork, onError, retention });
    await eventually(async () => (await rowsOf(anna.id)).length === count);
  };
  await left(3, 1);
  await left(2, 3);
  expect((await rowsOf(anna.id)).map(({ read_at }) => read_at)).toEqual([null, null]);
  await left(0, 11);
  const told = await db
    .selectFrom('outbox')
    .select('payload')
    .where('type', '=', 'notification.deleted')
    .orderBy('id')
    .execute();
  const toHer = told.flatMap(({ payload }) =>
    (payload as { userId: string }).userId === anna.id ? [payload] : [],
  );
  expect(toHer).toMatchObject(
    [first, second].map((row) => ({
      userId: anna.id,
      notifications: [{ notificationId: row?.id, notificationType: 'BOOKING' }],
    })),
  );
});
