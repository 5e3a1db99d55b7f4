import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { sweepTransfers } from '../../src/machine/aft-progress.ts';
import { listReconciliations } from '../../src/machine/aft-reconciliation-store.ts';
import { resolveTransfer } from '../../src/machine/aft-transfer-service.ts';
import { findMeters } from '../../src/machine/meter-store.ts';
import { withCrc } from '../../src/sas/codec/crc.ts';
import { createRunWork } from '../../src/work.ts';
import { listContradictions } from '../support/aft.ts';
import { aMachine, aPlace, creditsOf } from '../support/aft-place.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A machine that forgot a transfer, or does not speak of it any more, is no proof that nothing moved. */

const [TRANSFER, INTERROGATE] = [0x72, 0xff];
const METERS = 0x6f;
const SERIAL_NUMBER = 0x54;
/** Transfers, registration, and the state of both. */
const AFT_POLLS: readonly number[] = [TRANSFER, 0x73, 0x74];
/** The last transfer, and the two ends of an empty history. */
const ASKED_AT_ONCE = 3;
const INTERROGATION_BYTES = 7;
const NEWEST = { after: null, before: null, limit: 100, backward: false } as const;
const GAMES_PLAYED = 0x05;

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const floorOf = { db, runWork, folder: await temporaryFolder() };

type Place = Awaited<ReturnType<typeof aPlace>>;

/** Its meters are known, those of transfers too. */
const isKnown = async ({ venueId, machineId }: Place, gamesPlayed: bigint) => {
  const [meters] = await findMeters(db, venueId, [machineId]);
  const compared = await listReconciliations(db, venueId, { machineId, range: NEWEST });
  const played = meters?.values.find(({ code }) => code === GAMES_PLAYED);
  return compared.length > 0 && played?.value === gamesPlayed;
};

test.each(['a game', 'a transfer'] as const)(
  'a machine that was cleared after %s frees nothing, and a person says what became of it',
  { timeout: 120_000 },
  async (history) => {
    const egm = aMachine({});
    let isDeaf = false;
    await using place = await aPlace(egm, {
      ...floorOf,
      arrives: (answer) => (isDeaf && answer[1] === TRANSFER ? null : answer),
    });
    const { venueId } = place;
    if (history === 'a game') {
      egm.insertBill(10n);
      egm.play({ wager: 10n, win: 10n });
    } else {
      const before = await place.order(1_000n);
      await eventually(async () => (await before())?.finishedAt);
    }
    await eventually(() => isKnown(place, history === 'a game' ? 1n : 0n));
    isDeaf = true;
    const transfer = await eventually(() => place.order(2_000n));
    await eventually(() => creditsOf(egm) === 3_000n);
    // Memory cleared, asset number set anew.
    place.take(null);
    await eventually(async () => (await place.connection()) === 'OFFLINE');
    isDeaf = false;
    place.take(aMachine({}));
    await eventually(async () => (await place.connection()) === 'ONLINE');
    await eventually(async () => (await transfer())?.finishedAt || (await transfer())?.state === 'IN_DOUBT');
    expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'MEMORY_LOST' });
    expect(await place.wallet()).toMatchObject({ heldMinor: 2_000n });

    const transferId = (await transfer())?.id ?? '';
    const said = { amount: null, currency: null, reason: 'the player saw it on the screen' };
    await runWork(system('test'), (work) =>
      resolveTransfer(work, { venueId, transferId, idempotencyKey: newId(), outcome: 'SETTLED', ...said }),
    );
    expect(await transfer()).toMatchObject({ state: 'MANUALLY_RESOLVED', movedMinor: 2_000n });
  },
);

test('a machine that was cleared is not believed later, when its meters are known as they stand since', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  egm.insertBill(10n);
  egm.play({ wager: 10n, win: 10n });
  let isDeaf = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives: (answer) => (isDeaf && answer[1] === TRANSFER ? null : answer),
  });
  await eventually(() => isKnown(place, 1n));
  isDeaf = true;
  const transfer = await place.order(2_000n);
  await eventually(() => creditsOf(egm) === 3_000n);
  // Memory cleared, and for a while nobody has set its asset number.
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE');
  isDeaf = false;
  place.take(aMachine({ assetNumber: 0 }));
  await eventually(() => isKnown(place, 0n));
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
  place.take(aMachine({}));
  await eventually(async () => (await transfer())?.doubt !== 'NO_ANSWER');
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'MEMORY_LOST' });
  expect(await place.wallet()).toMatchObject({ heldMinor: 2_000n });
});

test('a machine that told its meters before is asked again where it tells none now', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  egm.insertBill(10n);
  egm.play({ wager: 10n, win: 10n });
  let isDeaf = false;
  let tellsMeters = true;
  let asked = 0;
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives(answer, [_, poll]) {
      if (tellsMeters) return isDeaf && poll === TRANSFER ? null : answer;
      if (poll === TRANSFER) asked += 1;
      return poll === undefined || AFT_POLLS.includes(poll) ? answer : null;
    },
  });
  await eventually(() => isKnown(place, 1n));
  isDeaf = true;
  const transfer = await place.order(2_000n);
  await eventually(() => creditsOf(egm) === 3_000n);
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE');
  tellsMeters = false;
  place.take(aMachine({}));
  await eventually(() => asked > 2 * ASKED_AT_ONCE);
  expect((await transfer())?.finishedAt).toBeNull();
  expect(await place.wallet()).toMatchObject({ heldMinor: 2_000n });
  isDeaf = false;
  tellsMeters = true;
  await eventually(async () => (await transfer())?.finishedAt || (await transfer())?.state === 'IN_DOUBT');
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'MEMORY_LOST' });
});

test('a machine that never was sent what a person says it did contradicts that', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  egm.insertBill(10n);
  egm.play({ wager: 10n, win: 10n });
  let isAway = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    answered: (request) => (isAway && isWholeOrder(request) ? LOST : null),
    arrives: (answer) => (isAway && (answer[1] === TRANSFER || answer[1] === METERS) ? null : answer),
  });
  await eventually(() => isKnown(place, 1n));
  isAway = true;
  const transfer = await place.order(2_000n);
  await eventually(async () => (await transfer())?.state === 'SENT');
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE');
  await sweepTransfers(createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 61_000 }));
  const { venueId, machineId } = place;
  const transferId = (await transfer())?.id ?? '';
  const said = { amount: null, currency: null, reason: 'the player says so' };
  await runWork(system('test'), (work) =>
    resolveTransfer(work, { venueId, transferId, idempotencyKey: newId(), outcome: 'SETTLED', ...said }),
  );
  isAway = false;
  place.take(egm);
  const heard = () =>
    db
      .selectFrom('aft_transfer')
      .select('heard_at')
      .where('id', '=', transferId)
      .where('heard_at', 'is not', null)
      .executeTakeFirst();
  await eventually(heard);
  const contradictions = await listContradictions(db, machineId);
  expect(contradictions).toMatchObject([{ data: { said: '0.00', booked: '20.00' } }]);
});

test('a machine that never was sent it and has nothing from before is believed by its meters', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  egm.insertBill(10n);
  egm.play({ wager: 10n, win: 10n });
  let isAway = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    answered: (request) => (isAway && isWholeOrder(request) ? LOST : null),
  });
  await eventually(() => isKnown(place, 1n));
  isAway = true;
  const transfer = await place.order(2_000n);
  await eventually(async () => (await transfer())?.finishedAt);
  expect(await transfer()).toMatchObject({ state: 'CANCELLED', failure: { code: 'SAS_002' } });
  expect(await place.wallet()).toMatchObject({ postedMinor: 50_000n, heldMinor: 0n });
});

test('a machine whose serial number never made sense is believed by its meters likewise', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  egm.insertBill(10n);
  egm.play({ wager: 10n, win: 10n });
  let isAway = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    answered: (request) => (isAway && isWholeOrder(request) ? LOST : null),
    arrives: (answer, [_, poll]) =>
      poll === SERIAL_NUMBER ? withCrc(Uint8Array.of(1, SERIAL_NUMBER, 1, 0x36)) : answer,
  });
  await eventually(() => isKnown(place, 1n));
  isAway = true;
  const transfer = await eventually(() => place.order(2_000n));
  await eventually(async () => (await transfer())?.finishedAt);
  expect(await transfer()).toMatchObject({ state: 'CANCELLED', failure: { code: 'SAS_002' } });
});

const isWholeOrder = ([_, poll, length = 0, code, ...rest]: readonly number[]): boolean =>
  poll === TRANSFER && code !== INTERROGATE && rest.length === length + 1;

/** An answer of which nothing whole arrives. */
const LOST = Uint8Array.of(1, TRANSFER, 0);

/** Pending on a machine in the middle of a game, which from now on answers so when it is asked for transfers. */
async function aPending(answer: () => Uint8Array | null) {
  const egm = aMachine({});
  egm.insertBill(10n);
  let isOther = false;
  const place = await aPlace(egm, {
    ...floorOf,
    answered: (request) =>
      isOther && request[1] === TRANSFER && request.length >= INTERROGATION_BYTES ? answer() : null,
    arrives: (said) => (isOther && said[1] === TRANSFER ? null : said),
  });
  egm.startGame({ wager: 10n, win: 10n });
  const transfer = await place.order(2_000n);
  await eventually(async () => (await transfer())?.state === 'PENDING_ON_MACHINE');
  return {
    egm,
    place,
    transfer,
    change(to: boolean) {
      isOther = to;
    },
  };
}

test('a machine that had a transfer pending, and has nothing of it any more, leaves it in doubt', {
  timeout: 120_000,
}, async () => {
  const nothing = withCrc(Uint8Array.of(1, TRANSFER, 2, 0, 0xff));
  const { egm, place, transfer, change } = await aPending(() => nothing);
  await using _place = place;
  change(true);
  await eventually(async () => (await transfer())?.state === 'IN_DOUBT');
  expect(await transfer()).toMatchObject({ doubt: 'MEMORY_LOST' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 50_000n, heldMinor: 2_000n });

  // It had it after all.
  change(false);
  egm.endGame();
  await eventually(async () => (await transfer())?.finishedAt);
  expect(await transfer()).toMatchObject({ state: 'SETTLED' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 48_000n, heldMinor: 0n });
});

test('a machine that had a transfer pending, and has only what was before, is believed by its meters', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  let before = new Uint8Array();
  let speaks: 'ALL' | 'NOTHING' | 'OF_BEFORE' = 'ALL';
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives(answer, [_, poll, , code]) {
      if (poll !== TRANSFER) return answer;
      if (speaks === 'NOTHING') return null;
      if (speaks === 'OF_BEFORE') return before;
      if (code === INTERROGATE) before = Uint8Array.from(answer);
      return answer;
    },
  });
  const first = await place.order(1_000n);
  await eventually(async () => (await first())?.finishedAt);
  await eventually(() => isKnown(place, 0n));
  const theFirst = before;
  egm.startGame({ wager: 10n, win: 10n });
  const transfer = await eventually(() => place.order(2_000n));
  await eventually(async () => (await transfer())?.state === 'PENDING_ON_MACHINE');
  before = theFirst;
  speaks = 'NOTHING';
  egm.endGame();
  await eventually(() => creditsOf(egm) === 3_000n);
  speaks = 'OF_BEFORE';
  await eventually(async () => (await transfer())?.state !== 'PENDING_ON_MACHINE');
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'MEMORY_LOST' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 49_000n, heldMinor: 2_000n });
});

test('a machine that answers, but not how its transfer stands, leaves it in doubt after a minute', {
  timeout: 120_000,
}, async () => {
  const { egm, place, transfer, change } = await aPending(() => null);
  await using _place = place;
  const inSeconds = (seconds: number) =>
    sweepTransfers(createRunWork({ db, onEvents: () => {}, clockShiftMs: () => seconds * 1_000 }));
  await inSeconds(3_600);
  expect(await transfer()).toMatchObject({ state: 'PENDING_ON_MACHINE' });
  change(true);
  await eventually(async () => {
    await inSeconds(61);
    return (await transfer())?.state === 'IN_DOUBT';
  });
  expect(await transfer()).toMatchObject({ doubt: 'NO_ANSWER' });
  expect(await place.connection()).toBe('ONLINE');

  change(false);
  egm.endGame();
  await eventually(async () => (await transfer())?.finishedAt);
  expect(await transfer()).toMatchObject({ state: 'SETTLED' });
});

test('a machine that had a transfer pending, was away, and has nothing of it any more, leaves it in doubt', {
  timeout: 120_000,
}, async () => {
  const nothing = withCrc(Uint8Array.of(1, TRANSFER, 2, 0, 0xff));
  const { egm, place, transfer, change } = await aPending(() => nothing);
  await using _place = place;
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE');
  await sweepTransfers(createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 61_000 }));
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
  change(true);
  place.take(egm);
  await eventually(async () => (await transfer())?.doubt !== 'NO_ANSWER');
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'MEMORY_LOST' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 50_000n, heldMinor: 2_000n });
});
