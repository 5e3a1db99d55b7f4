import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AftTransfer } from '../../src/machine/aft-transfer.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { findMachine } from '../../src/machine/store.ts';
import { NO_FEATURES } from '../../src/sas/codec/features.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine, type FloorMachine } from '../../src/sas/simulator/floor.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';
import { drive, park } from '../support/mortal-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What comes of a transfer whose machine goes away and comes back, or does not. */

const CREDITS = 0x0c;
const WAIT = { deadlineMs: 60_000 };
const features = { ...NO_FEATURES, aft: true, extendedMeters: true };

const { floor } = await cloneDatabase();
const { db } = floor;
const folder = await temporaryFolder();
const runWork = createRunWork({ db, onEvents: () => {} });

const aMachine = (assetNumber: number): Egm =>
  createEgm({ address: 1, settings: { assetNumber, features, transferMs: 100 } });
const creditsOf = (egm: Egm): bigint => egm.meters().get(CREDITS) ?? 0n;

/** A place on a line, for one machine at a time. */
function aSeat(first: Egm) {
  let seated = first;
  let reply: Parameters<Egm['onReply']>[0] = () => {};
  const listenTo = (egm: Egm) => egm.onReply((bytes) => egm === seated && reply(bytes));
  listenTo(first);
  const seat: FloorMachine = {
    address: 1,
    hear: (symbol) => seated.hear(symbol),
    onReply(listener) {
      reply = listener;
    },
    onChirp() {},
    [Symbol.dispose]: () => seated[Symbol.dispose](),
  };
  return {
    seat,
    take(egm: Egm) {
      seated = egm;
      listenTo(egm);
    },
  };
}

/** A wallet with USD 500.00, and a driven machine that is online. */
async function aPlace(egm: Egm, of: { readonly heard?: () => boolean; readonly runWork?: RunWork } = {}) {
  const { id: venueId } = await aVenue(runWork);
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const { seat, take } = aSeat(egm);
  let transfersHeard = 0;
  const line = await createSimulatedLine({
    egms: [seat],
    transport: { kind: 'PTY', path: join(folder, wallet.id) },
    faultsToHost(answer, deliver) {
      if (answer[1] === 0x72) transfersHeard += 1;
      deliver(answer[1] === 0x72 && of.heard?.() === false ? [] : answer);
    },
  });
  const { lineId, machines } = await aLine(runWork, { venueId, port: wallet.id });
  const machineId = machines[0]?.id ?? '';
  const dying = of.runWork && { runWork: of.runWork, arm() {}, of: <T>(tenure: T) => tenure };
  const driving = await drive(lineId, { db, runWork, portFolder: folder }, dying ?? null);
  await eventually(async () => (await findMachine(db, venueId, machineId))?.connection === 'ONLINE', WAIT);
  return {
    line,
    take,
    transfersHeard: () => transfersHeard,
    async order(amountMinor: bigint): Promise<() => Promise<AftTransfer | null>> {
      const id = await aTransfer(runWork, { venueId, walletId: wallet.id, machineId, amountMinor });
      driving.driver.transferChanged();
      return () => findTransfer(db, venueId, id);
    },
    wallet: async () => (await findWalletsByIds(db, venueId, [wallet.id]))[0],
    async [Symbol.asyncDispose]() {
      await park(driving);
      await line[Symbol.asyncDispose]();
    },
  };
}

test('an order that waits for a machine to be asked what became of it is not taken for one that never was', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine(7);
  let isSent = () => {};
  const sent = new Promise<void>((resolve) => {
    isSent = resolve;
  });
  let goesOn = () => {};
  const asked = new Promise<void>((resolve) => {
    goesOn = resolve;
  });
  // The commit of what is about to be sent takes as long as the machine is away.
  const slow: RunWork = async (actor, task, origin) => {
    let isSending = false;
    const value = await runWork(
      actor,
      async (work) =>
        await task({
          ...work,
          emit(event, author) {
            isSending = event.type === 'machine.aft-transfer-changed' && event.transfer.state === 'SENT';
            work.emit(event, author);
          },
        }),
      origin,
    );
    if (isSending) {
      isSent();
      await asked;
    }
    return value;
  };
  await using place = await aPlace(egm, { runWork: slow });
  const transfer = await place.order(2_000n);
  await sent;
  await place.line.unplug();
  await place.line.plug();
  const before = place.transfersHeard();
  // Back again, it is asked before anything else.
  await eventually(() => place.transfersHeard() > before, WAIT);
  goesOn();
  await eventually(async () => (await transfer())?.finishedAt != null, WAIT);
  const next = await place.order(100n);
  await eventually(async () => (await next())?.finishedAt != null, WAIT);
  const wallet = await place.wallet();
  expect(wallet).toMatchObject({ heldMinor: 0n });
  expect((wallet?.postedMinor ?? 0n) + creditsOf(egm)).toBe(50_000n);
});

test('another machine at the address knows nothing of a transfer, and says nothing of it', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine(7);
  const other = aMachine(8);
  let isDeaf = false;
  await using place = await aPlace(egm, { heard: () => !isDeaf });
  isDeaf = true;
  const transfer = await place.order(2_000n);
  await eventually(() => creditsOf(egm) > 0n, WAIT);
  place.take(other);
  isDeaf = false;
  await eventually(async () => {
    const { finishedAt, state } = (await transfer()) ?? {};
    return finishedAt || state === 'IN_DOUBT';
  }, WAIT);
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 50_000n, heldMinor: 2_000n });

  place.take(egm);
  await eventually(async () => (await transfer())?.finishedAt, WAIT);
  expect(await transfer()).toMatchObject({ state: 'SETTLED' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 48_000n, heldMinor: 0n });
});
