import { expect, test } from 'vitest';
import { pushToDevices, settleDisplays, settleDue } from '../../src/signage/display-service.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { deleteLayout } from '../../src/signage/layout-deletion.ts';
import { pushLayout } from '../../src/signage/layout-push-service.ts';
import { updateLayout } from '../../src/signage/layout-service.ts';
import { publishLayout } from '../../src/signage/publishing-service.ts';
import { joinTakeovers, startTakeover } from '../../src/signage/takeover-service.ts';
import { EVERYWHERE } from '../../src/signage/targets.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';
import { aPublishedLayout, aTextRegion } from '../support/layout.ts';
import { aSchedule } from '../support/schedule.ts';
import { seconds } from '../support/second.ts';

/** Two that change what one screen shall show: the second begins before the first has committed. */

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });

const meanwhile = seconds(floor, runWork);

async function aScreen() {
  const { id: venueId } = await aVenue(runWork, { timeZone: 'UTC' });
  const { id: deviceId } = await aDevice(runWork, { venueId });
  const aLayout = async () => (await aPublishedLayout(runWork, { venueId })).id;
  const display = async () => (await findDisplays(db, venueId, [deviceId]))[0];
  return { venueId, deviceId, aLayout, display };
}

test('what is published in the moment in which a screen turns to its layout is what the screen shows', async () => {
  const { venueId, aLayout, display } = await aScreen();
  const layoutId = await aLayout();
  const date = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const days = {
    from: date,
    until: null,
    weekdays: [],
    everyWeeks: 1,
    monthDays: [],
    dates: [],
    exceptDates: [],
  };
  await aSchedule(runWork, { venueId, layoutId, days });
  const of = { venueId, layoutId };
  const regions = { upserted: [aTextRegion('text', 'Newer')], removedIds: [] };
  await runWork(DESK, (work) => updateLayout(work, { ...of, expectedVersion: 1, regions }));
  expect((await display())?.desired ?? null).toBeNull();
  shiftMs = 3 * 86_400_000;
  await meanwhile(
    (work) => settleDue(work, { limit: 10 }),
    () => runWork(DESK, (work) => publishLayout(work, { ...of, expectedVersion: 2, note: null })),
  );
  shiftMs = 0;
  expect((await display())?.desired).toMatchObject({ layoutId, revision: 2, cause: 'SCHEDULE' });
});

test('a push to all that show a layout leaves a screen alone that is pushed another at that moment', async () => {
  const { venueId, deviceId, aLayout, display } = await aScreen();
  const [before, other] = [await aLayout(), await aLayout()];
  const push = (layoutId: string) => (work: Work) =>
    pushToDevices(work, { venueId, deviceIds: [deviceId] }, { layoutId, revision: 1 });
  await runWork(DESK, push(before));
  const toAll = { venueId, layoutId: before, deviceIds: null, groupIds: null, at: null };
  const [, { deviceIds }] = await meanwhile(push(other), () =>
    runWork(DESK, (work) => pushLayout(work, toAll)),
  );
  expect(deviceIds).toEqual([]);
  expect((await display())?.desired).toMatchObject({ layoutId: other });
});

test('a layout that takes the place of a deleted one leaves such a screen alone, too', async () => {
  const { venueId, deviceId, aLayout, display } = await aScreen();
  const [before, other, replacement] = [await aLayout(), await aLayout(), await aLayout()];
  const push = (layoutId: string) => (work: Work) =>
    pushToDevices(work, { venueId, deviceIds: [deviceId] }, { layoutId, revision: 1 });
  await runWork(DESK, push(before));
  const deletion = { venueId, layoutId: before, expectedVersion: 1, replaceWithLayoutId: replacement };
  await meanwhile(push(other), () => runWork(DESK, (work) => deleteLayout(work, deletion)));
  expect((await display())?.desired).toMatchObject({ layoutId: other });
});

test('a screen that is registered in the moment in which everything is taken over is taken over', async () => {
  const { venueId, aLayout } = await aScreen();
  const layoutId = await aLayout();
  const newcomer = { id: '' };
  const [takeover] = await meanwhile(
    (work) => startTakeover(work, { venueId, layoutId, targets: EVERYWHERE, reason: 'Fire', endsAt: null }),
    async () => {
      newcomer.id = (await aDevice(runWork, { venueId })).id;
      await runWork(DESK, (work) => joinTakeovers(work, venueId, newcomer.id));
    },
  );
  const [display] = await findDisplays(db, venueId, [newcomer.id]);
  expect(display?.desired).toMatchObject({ cause: 'TAKEOVER', causeId: takeover.id });
});

test('who began before the time of a schedule was over does not bring it back when he is done after it', async () => {
  const { venueId, deviceId, aLayout, display } = await aScreen();
  const layoutId = await aLayout();
  const minuteMs = 60_000;
  const endsMs = Math.ceil(Date.now() / minuteMs) * minuteMs;
  const goTo = (atMs: number) => {
    shiftMs = atMs - Date.now();
  };
  const to = (endsMs / minuteMs) % 1_440;
  goTo(endsMs - minuteMs / 2);
  await aSchedule(runWork, {
    venueId,
    layoutId,
    dayparts: [{ from: (to + 1_380) % 1_440, to: to || 1_440 }],
  });
  expect(await display()).toMatchObject({ desired: { layoutId }, version: 1n });
  const mayGoOn = aGate();
  /** With twice the time where beginning took longer than there was. */
  async function begin(leadMs: number): Promise<{ readonly done: Promise<void> }> {
    goTo(endsMs - leadMs);
    const hasBegun = aGate();
    let isEarly = false;
    const done = runWork(DESK, async (work) => {
      isEarly = work.now.getTime() < endsMs;
      hasBegun.open();
      if (!isEarly) return;
      await mayGoOn.opened;
      await settleDisplays(work, { venueId, deviceIds: [deviceId] });
    });
    await hasBegun.opened;
    return isEarly ? { done } : await begin(2 * leadMs);
  }
  const early = await begin(300);
  await eventually(async () => {
    await runWork(DESK, (work) => settleDue(work, { limit: 10 }));
    return (await display())?.desired === null;
  });
  mayGoOn.open();
  await early.done;
  shiftMs = 0;
  expect(await display()).toMatchObject({ desired: null, version: 2n });
});
