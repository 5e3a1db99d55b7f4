import type { KyselyPlugin } from 'kysely';
import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { channelKey, channelOfKey } from '../../src/notification/channel.ts';
import { startDeliveryDesk } from '../../src/notification/channel-delivery.ts';
import { putDeliveries, sumDeliveries } from '../../src/notification/channel-delivery-store.ts';
import { startMessageRetention } from '../../src/notification/channel-jobs.ts';
import { findMessagesByIds } from '../../src/notification/channel-store.ts';
import { renewLease } from '../../src/realtime/process-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { aMessage } from '../support/channels.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);

test('messages past their retention go, with what is known of their delivery; the others stay', async () => {
  const old = await aMessage(runWork, { venueId });
  await putDeliveries(db, newId(), [{ messageId: old, subscriptions: 3 }]);
  await putDeliveries(db, newId(), [{ messageId: old, subscriptions: 2 }]);
  expect(await sumDeliveries(db, [old])).toEqual(new Map([[old, 5]]));
  shiftMs = 3_600_000;
  const young = await aMessage(runWork, { venueId });
  const job = startMessageRetention({
    runWork,
    onError: (error) => console.error(error),
    retentionMs: 1_800_000,
  });
  const left = async () => (await findMessagesByIds(db, venueId, [old, young])).map(({ id }) => id);
  await eventually(async () => (await left()).length === 1);
  await job[Symbol.asyncDispose]();
  expect(await left()).toEqual([young]);
  expect(await sumDeliveries(db, [old])).toEqual(new Map());
});

test('a process says once how many got a message, and of one that is not kept nothing', async () => {
  const messageId = await aMessage(runWork, { venueId });
  const processId = newId();
  await putDeliveries(db, processId, [
    { messageId, subscriptions: 4 },
    { messageId: newId(), subscriptions: 9 },
  ]);
  await putDeliveries(db, processId, [{ messageId, subscriptions: 4 }]);
  expect(await sumDeliveries(db, [messageId])).toEqual(new Map([[messageId, 4]]));
});

test('a process that keeps silent is waited for once, and again when it is heard of', async () => {
  let looks = 0;
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      looks += 1;
      return result;
    },
  };
  const [own, other] = [newId(), newId()];
  const ofNothing = { sockets: 0, streams: 0, operations: 0 };
  for (const id of [own, other]) await renewLease(db, { id, ...ofNothing });
  const desk = startDeliveryDesk({ db: db.withPlugin(counting), processId: own, onError: () => {} });
  const send = async () => {
    const id = await aMessage(runWork, { venueId });
    const [message] = await findMessagesByIds(db, venueId, [id]);
    if (!message) throw new Error('no message');
    await putDeliveries(db, own, [{ messageId: id, subscriptions: 3 }]);
    looks = 0;
    return { message, delivered: desk.delivered(message) };
  };
  expect(await (await send()).delivered).toBe(3);
  expect(looks).toBeGreaterThan(1);
  // As if it were dead.
  expect(await (await send()).delivered).toBe(3);
  expect(looks).toBe(1);

  await renewLease(db, { id: other, ...ofNothing });
  const { message, delivered } = await send();
  await eventually(() => looks > 0);
  await putDeliveries(db, other, [{ messageId: message.id, subscriptions: 2 }]);
  expect(await delivered).toBe(5);
  await desk[Symbol.asyncDispose]();
});

test('the key of a channel names it', () => {
  const id = newId();
  for (const key of ['venue', `user:${id}`, `device:${id}`, 'emergency-alerts'])
    expect(channelKey(channelOfKey(key) ?? { kind: 'VENUE' })).toBe(key);
  for (const none of ['', 'lunch', 'user:', `user:${id}x`, `room:${id}`])
    expect(channelOfKey(none)).toBeNull();
});
