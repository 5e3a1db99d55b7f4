import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { giveUp } from '../../src/machine/aft-progress.ts';
import { findUnreconciled, listReconciliations } from '../../src/machine/aft-reconciliation-store.ts';
import type { AftDirection, AftTransfer, AftTransferState } from '../../src/machine/aft-transfer.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { QUIET_MS } from '../../src/machine/line-lease.ts';
import { findMachine } from '../../src/machine/store.ts';
import { AFT_REGISTRATION } from '../../src/sas/codec/long-polls/aft-registration.ts';
import type { HeardSymbol } from '../../src/sas/host/port.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { between, createRandom } from '../../src/sas/simulator/random.ts';
import type { Wallet } from '../../src/wallet/wallet.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork } from '../../src/work.ts';
import { talkTo } from '../sas/simulator/talk.ts';
import { AFT_FEATURES, aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';
import { aDeath, type Death, drive, park } from '../support/mortal-driver.ts';
import { isSoak } from '../support/soak.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SEED = Number(process.env.AFT_SEED ?? 1);
const CREDITS = 0x0c;
const TEST = system('test');
const WAIT = { deadlineMs: 60_000 };
const NEWEST = { after: null, before: null, limit: 100, backward: false } as const;

const { floor } = await cloneDatabase();
const { db } = floor;
const folder = await temporaryFolder();
const runWork = createRunWork({ db, onEvents: () => {} });
const floorOf = { db, runWork, portFolder: folder };

type Fate = 'FULL' | 'PARTIAL' | 'REJECTED' | 'PENDING' | 'NO_ANSWER' | 'LOCK_AWAITED';

const ENDS: Readonly<Record<Fate, readonly AftTransferState[]>> = {
  FULL: ['SETTLED'],
  PARTIAL: ['PARTIALLY_SETTLED'],
  REJECTED: ['REJECTED'],
  PENDING: ['SETTLED'],
  NO_ANSWER: ['SETTLED'],
  LOCK_AWAITED: ['SETTLED'],
};

const credits = (egm: Egm): bigint => egm.meters().get(CREDITS) ?? 0n;

interface Story {
  readonly direction: AftDirection;
  readonly fate: Fate;
  readonly death: Death;
  /** With USD 500.00, at a venue of its own. */
  readonly wallet: Wallet;
}

interface Outcome {
  readonly died: boolean;
  readonly faults: readonly string[];
}

/** Orders a transfer, lets its driver die, and has the next one go on. What is wrong afterwards. */
async function play({ direction, fate, death, wallet }: Story): Promise<Outcome> {
  const { venueId } = wallet;
  let isDeaf = false;
  const egm = createEgm({
    address: 1,
    settings: {
      assetNumber: 7,
      features: AFT_FEATURES,
      aftLockDemanded: direction === 'FROM_MACHINE' || fate === 'LOCK_AWAITED',
      transferMs: direction === 'FROM_MACHINE' && fate === 'PENDING' ? 3_000 : 100,
      creditLimit: direction === 'TO_MACHINE' && fate === 'PARTIAL' ? 11_000n : 99_999n,
    },
  });
  await using _line = await createSimulatedLine({
    egms: [egm],
    transport: { kind: 'PTY', path: join(folder, wallet.id) },
    faultsToHost: (answer: readonly HeardSymbol[], deliver) =>
      deliver(isDeaf && isTransfer(answer) ? [] : answer),
  });
  egm.insertBill(100n);
  const { lineId, machines } = await aLine(runWork, { venueId, port: wallet.id });
  const machineId = machines[0]?.id ?? '';
  const walletNow = async () => (await findWalletsByIds(db, venueId, [wallet.id]))[0];
  const isOnline = async () => (await findMachine(db, venueId, machineId))?.connection === 'ONLINE';

  const dying = aDeath(runWork, death);
  const first = await drive(lineId, floorOf, dying);
  const comparisons = () => listReconciliations(db, venueId, { machineId, range: NEWEST });
  await eventually(async () => (await isOnline()) && (await comparisons()).length > 0, WAIT);
  if (fate === 'REJECTED') egm.openDoor();
  if (fate === 'LOCK_AWAITED' && direction === 'TO_MACHINE')
    await demandLock({ venueId, walletId: wallet.id, machineId });
  if (fate === 'LOCK_AWAITED' || (fate === 'PENDING' && direction === 'TO_MACHINE'))
    egm.startGame({ wager: 10n, win: 10n });
  isDeaf = fate === 'NO_ANSWER';
  dying.arm();
  const id = await aTransfer(runWork, {
    venueId,
    walletId: wallet.id,
    machineId,
    direction,
    amountMinor: fate === 'PARTIAL' ? 20_000n : 2_000n,
    allowPartial: fate === 'PARTIAL',
  });
  first.driver.transferChanged();
  const read = async (): Promise<AftTransfer | null> => findTransfer(db, venueId, id);
  if (fate === 'LOCK_AWAITED') {
    await eventually(async () => first.tenure.over.aborted || (await read())?.state === 'LOCK_PENDING', WAIT);
    egm.endGame();
  }
  await eventually(async () => first.tenure.over.aborted || (await read())?.finishedAt != null, {
    deadlineMs: 8_000,
  }).catch(() => {});
  const died = first.tenure.over.aborted;
  first.tenure.end();
  await first.driver[Symbol.asyncDispose]();
  const atDeath = (await read())?.state;

  await pause(QUIET_MS);
  isDeaf = false;
  egm.endGame();
  const second = await drive(lineId, floorOf, null);
  await eventually(async () => (await read())?.finishedAt != null, WAIT).catch(() => {});
  second.driver.transferChanged();
  const isCompared = async () => (await findUnreconciled(db, venueId, machineId)).transferIds.length === 0;
  await eventually(isCompared, WAIT).catch(() => {});
  await park(second);

  const transfer = await read();
  const purse = await walletNow();
  const faults: string[] = [];
  const sum = (purse?.postedMinor ?? 0n) + credits(egm);
  if (sum !== 60_000n) faults.push(`wallet and machine have ${sum}`);
  if (purse?.heldMinor !== 0n) faults.push(`${purse?.heldMinor} are held`);
  // Where it was never sent, or its last message not, nothing may have happened: that is an end too.
  const ends: readonly (AftTransferState | undefined)[] = [...ENDS[fate], 'CANCELLED'];
  if (!ends.includes(transfer?.state)) faults.push(`it is ${transfer?.state}`);
  if (transfer?.state === 'CANCELLED' && transfer.failure?.code !== 'SAS_002')
    faults.push('it was cancelled');
  const outcomes = (await isCompared()) ? (await comparisons()).map(({ outcome }) => outcome) : ['NEVER'];
  if (!/^(EQUAL,)*BASELINE$/.test(outcomes.join())) faults.push(`beside its meters it is ${outcomes}`);
  const place = `${direction} ${fate} ${death.at} ${death.n} (${atDeath})`;
  return { died, faults: faults.map((fault) => `${place}: ${fault}`) };
}

/** Leaves on record that the machine refused a transfer of before for want of a lock. */
async function demandLock(between: Pick<AftTransfer, 'venueId' | 'walletId' | 'machineId'>): Promise<void> {
  const id = await aTransfer(runWork, { ...between, direction: 'FROM_MACHINE' });
  const failure = { code: 'SAS_008', status: 'NOT_LOCKED' } as const;
  await runWork(TEST, (work) => giveUp(work, { id, venueId: between.venueId }, { to: 'REJECTED', failure }));
}

/** Whether an answer is one to poll 72. */
const isTransfer = (answer: readonly HeardSymbol[]): boolean => answer[1] === 0x72;

/** The steps at which it dies for the n-th fate: all there may be, or one that each fate has. */
const steps = (nth: number): readonly number[] => (isSoak ? [1, 2, 3, 4] : [1 + (nth % 2)]);

/** Each fate with a death on either side of its steps, and before some message. */
async function stories(direction: AftDirection): Promise<Story[]> {
  const random = createRandom(SEED);
  const made: Story[] = [];
  for (const [nth, fate] of (Object.keys(ENDS) as Fate[]).entries()) {
    const deaths: Death[] = steps(nth).flatMap((n) => [
      { at: 'BEFORE_COMMIT', n },
      { at: 'AFTER_COMMIT', n },
    ]);
    if (isSoak || nth % 2 === 0) deaths.push({ at: 'BEFORE_MESSAGE', n: between(random, 1, 15) });
    for (const death of deaths) {
      const { id: venueId } = await aVenue(runWork);
      const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
      made.push({ direction, fate, death, wallet });
    }
  }
  return made;
}

test.each(['TO_MACHINE', 'FROM_MACHINE'] as const)(
  'a driver that dies at any step of a transfer %s loses and makes no money, and the next one settles it',
  { timeout: 240_000 },
  async (direction) => {
    const waiting = await stories(direction);
    const outcomes: Outcome[] = [];
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (let story = waiting.shift(); story; story = waiting.shift()) outcomes.push(await play(story));
      }),
    );
    expect(
      outcomes.flatMap(({ faults }) => faults),
      `AFT_SEED=${SEED}`,
    ).toEqual([]);
    expect(outcomes.filter(({ died }) => died).length).toBeGreaterThan(outcomes.length / 2);
  },
);

test('a machine that another system registered is sent the key it was registered with', {
  timeout: 120_000,
}, async () => {
  const { id: venueId } = await aVenue(runWork);
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const egm = createEgm({ address: 1, settings: { assetNumber: 7, features: AFT_FEATURES } });
  const registration = { assetNumber: 7, registrationKey: new Uint8Array(20).fill(0x5a), posId: 3 };
  const talk = talkTo(egm);
  for (const code of ['INITIALISE', 'REGISTER'] as const) {
    talk.sync();
    talk.ask(AFT_REGISTRATION, { code, ...registration });
  }
  expect(egm.state().aft.registration.status).toBe('REGISTERED');
  await using _line = await createSimulatedLine({
    egms: [egm],
    transport: { kind: 'PTY', path: join(folder, wallet.id) },
  });
  const { lineId, machines } = await aLine(runWork, { venueId, port: wallet.id });
  const machineId = machines[0]?.id ?? '';
  const { driver, tenure } = await drive(lineId, floorOf, null);
  await eventually(async () => (await findMachine(db, venueId, machineId))?.connection === 'ONLINE', WAIT);
  const id = await aTransfer(runWork, { venueId, walletId: wallet.id, machineId });
  driver.transferChanged();
  await eventually(async () => (await findTransfer(db, venueId, id))?.finishedAt != null, WAIT);
  await driver[Symbol.asyncDispose]();
  tenure.end();
  expect(await findTransfer(db, venueId, id)).toMatchObject({ state: 'SETTLED', failure: null });
  expect(credits(egm)).toBe(100n);
});
