import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { cancelTransfer } from '../../src/machine/aft-transfer-service.ts';
import { withCrc } from '../../src/sas/codec/crc.ts';
import { createRunWork } from '../../src/work.ts';
import { aMachine, aPlace, creditsOf } from '../support/aft-place.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A machine is asked to cancel what it was sent, and does otherwise. */

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const TELLER = system('test');
const floorOf = { db, runWork, folder: await temporaryFolder() };

const [TRANSFER, CANCEL, BAD_FUNCTION] = [0x72, 0x80, 0x82];
const CANCEL_BYTES = 6;
const STATUS_AT = 4;

test('a machine that does not want to cancel a transfer has not refused the transfer', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  egm.insertBill(100n);
  let pending = new Uint8Array();
  let cancels = 0;
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives(answer) {
      if (answer[1] === TRANSFER) pending = Uint8Array.from(answer);
      return answer;
    },
    answered([_, poll, , code, ...rest]) {
      if (poll !== TRANSFER || code !== CANCEL || rest.length + 4 < CANCEL_BYTES) return null;
      cancels += 1;
      return withCrc(pending.with(STATUS_AT, BAD_FUNCTION).subarray(0, -2));
    },
  });
  egm.startGame({ wager: 10n, win: 10n });
  const transfer = await place.order(2_000n);
  await eventually(async () => (await transfer())?.state === 'PENDING_ON_MACHINE');
  const transferId = (await transfer())?.id ?? '';
  await runWork(TELLER, (work) => cancelTransfer(work, { venueId: place.venueId, transferId }));
  place.driver.transferChanged();
  await eventually(() => cancels > 1);
  expect(await transfer()).toMatchObject({ state: 'PENDING_ON_MACHINE' });

  egm.endGame();
  await eventually(async () => (await transfer())?.finishedAt);
  expect(await transfer()).toMatchObject({ state: 'SETTLED' });
  const wallet = await place.wallet();
  expect(wallet).toMatchObject({ postedMinor: 48_000n, heldMinor: 0n });
  expect(creditsOf(egm)).toBe(12_000n);
});
