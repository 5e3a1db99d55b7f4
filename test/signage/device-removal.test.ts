import { expect, test } from 'vitest';
import { removeDevice } from '../../src/signage/device-service.ts';
import { listDevicesShowing } from '../../src/signage/display-list-store.ts';
import { settleDisplays } from '../../src/signage/display-service.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPushedLayout } from '../support/layout.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);

test('a screen that was removed shall show nothing, whatever is worked out anew', async () => {
  const [gone, stays] = [await aDevice(runWork, { venueId }), await aDevice(runWork, { venueId })];
  const deviceIds = [gone.id, stays.id];
  const layout = await aPushedLayout(runWork, { venueId, deviceIds });
  await runWork(DESK, (work) => removeDevice(work, { venueId, deviceId: gone.id }));
  await runWork(DESK, (work) => settleDisplays(work, { venueId, deviceIds }));
  const displays = await findDisplays(db, venueId, deviceIds);
  expect(displays.find(({ deviceId }) => deviceId === gone.id)).toMatchObject({
    pushed: null,
    desired: null,
  });
  expect(displays.find(({ deviceId }) => deviceId === stays.id)).toMatchObject({
    desired: { layoutId: layout.id, revision: 1, cause: 'PUSH' },
  });
  expect(await listDevicesShowing(db, venueId, layout.id)).toEqual([stays.id]);
});
