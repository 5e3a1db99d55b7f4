import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { putChoice } from '../../src/notification/preference-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aBooking, aResource, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation, kill } from '../support/installation.ts';
import { aMailbox } from '../support/mailbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROUNDS = 3;
/** Hours of a day. */
const BOOKINGS_PER_ROUND = 22;
/** Processes start slowly on a loaded machine. */
const PATIENT = { deadlineMs: 120_000 };

const installation = await anInstallation();
const { db, venueId } = installation;
const runWork = createRunWork({ db, onEvents: () => {} });
const folder = await temporaryFolder();
const start = () => installation.start({ DATA_DIR: folder });

test('two processes of which one after the other is killed tell each thing exactly once, by mail too', {
  timeout: 500_000,
}, async () => {
  let [one, other] = [await start(), await start()];

  const { id: userId, email } = await aUser(runWork, { venueId, isEmailVerified: true });
  await runWork(system('test'), ({ tx, now: at }) =>
    putChoice(tx, { userId, venueId }, { type: 'BOOKING', inApp: undefined, byMail: true, at }),
  );
  const resource = await aResource(runWork, { venueId });
  const countTold = async () =>
    (await db.selectFrom('notification').select('id').where('user_id', '=', userId).execute()).length;

  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await countTold();
    const day = dayAhead(resource, 2 + round);
    const booking = Array.from({ length: BOOKINGS_PER_ROUND }, (_, index) =>
      aBooking(runWork, { venueId, userId, slot: { resourceId: resource.id, day, index } }),
    );
    // In the middle of it.
    await eventually(async () => (await countTold()) > before, PATIENT);
    await kill(one);
    await Promise.all(booking);
    [one, other] = [other, await start()];
  }

  const placed = await eventually(async () => {
    const events = await db
      .selectFrom('event_log')
      .select('position')
      .where('type', '=', 'booking.placed')
      .execute();
    return events.length === ROUNDS * BOOKINGS_PER_ROUND && events;
  }, PATIENT);
  const positions = placed.map(({ position }) => position);
  const notices = await eventually(async () => {
    const rows = await db
      .selectFrom('notification')
      .select(['id', 'event_position', 'mail_until'])
      .where('user_id', '=', userId)
      .execute();
    return rows.length >= positions.length && rows.every(({ mail_until }) => mail_until === null) && rows;
  }, PATIENT);
  expect(notices.map(({ event_position }) => event_position).sort()).toEqual(positions.sort());

  const announced = await eventually(async () => {
    const events = await db
      .selectFrom('event_log')
      .select('payload')
      .where('type', '=', 'notification.created')
      .execute();
    return events.length >= notices.length && events;
  }, PATIENT);
  const ids = announced.map(({ payload }) => (payload as { readonly notificationId: string }).notificationId);
  expect(ids.sort()).toEqual(notices.map(({ id }) => id).sort());

  const { noticesTo } = aMailbox(`${folder}/mail`);
  const mails = await eventually(async () => {
    const found = await noticesTo(email);
    return found.length >= notices.length && found;
  }, PATIENT);
  expect(mails).toHaveLength(notices.length);
});
