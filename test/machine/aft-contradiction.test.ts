import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { markSent, progress, sweepTransfers } from '../../src/machine/aft-progress.ts';
import { createAftRests } from '../../src/machine/aft-rests.ts';
import type { Step } from '../../src/machine/aft-transfer.ts';
import { resolveTransfer } from '../../src/machine/aft-transfer-service.ts';
import { findTransfer, listUnheard } from '../../src/machine/aft-transfer-store.ts';
import { recordConnection } from '../../src/machine/service.ts';
import { createRunWork } from '../../src/work.ts';
import { aTransfer, listContradictions } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';

/** What a machine says of a transfer that a person settled. */

const TEST = system('test');
const ALL = { to: 'SETTLED', movedMinor: 2_000n } as const;
const NOTHING = { to: 'CANCELLED', failure: null } as const;

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const minutesOn = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 61_000 });
const { id: venueId } = await aVenue(runWork);

/** Sent to a machine that was not heard of since, and settled by a person. */
async function aSettled(outcome: 'SETTLED' | 'NOT_HAPPENED') {
  const [machine] = (await aLine(runWork, { venueId })).machines;
  if (!machine) throw new Error('a line without machines');
  const { id: machineId } = machine;
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  await runWork(TEST, (work) =>
    recordConnection(work, { venueId, machineId, state: 'ONLINE', at: new Date() }),
  );
  const id = await aTransfer(runWork, { venueId, machineId, walletId: wallet.id, amountMinor: 2_000n });
  await runWork(TEST, (work) => markSent(work, { id, venueId }, { assetNumber: 7 }));
  await sweepTransfers(minutesOn);
  const said = { venueId, transferId: id, amount: null, currency: null, reason: 'as the player says' };
  await runWork(TEST, (work) => resolveTransfer(work, { ...said, idempotencyKey: newId(), outcome }));
  return {
    says: (step: Step) => runWork(TEST, (work) => progress(work, { id, venueId }, () => step)),
    isAsked: async () => (await listUnheard(db, venueId, [machineId])).some((each) => each.id === id),
    transfer: async () => {
      const transfer = await findTransfer(db, venueId, id);
      if (!transfer) throw new Error('no transfer');
      return transfer;
    },
    contradictions: () => listContradictions(db, machineId),
  };
}

test.each(['MEMORY_LOST', 'UNREADABLE'] as const)(
  'a machine that leaves open what moved (%s) is asked on, and contradicts later',
  async (doubt) => {
    const { says, isAsked, contradictions } = await aSettled('NOT_HAPPENED');
    expect(await says({ to: 'IN_DOUBT', doubt })).toBeNull();
    expect(await isAsked()).toBe(true);
    expect(await contradictions()).toEqual([]);
    expect(await says(ALL)).toBe('CONTRADICTED');
    expect(await isAsked()).toBe(false);
    expect(await contradictions()).toMatchObject([{ data: { said: '20.00', booked: '0.00' } }]);
  },
);

test('a machine that agrees with a person, and says otherwise later, contradicts once', async () => {
  const { says, isAsked, contradictions } = await aSettled('NOT_HAPPENED');
  expect(await says(NOTHING)).toBeNull();
  expect(await isAsked()).toBe(false);
  expect(await contradictions()).toEqual([]);
  expect(await says(ALL)).toBe('CONTRADICTED');
  expect(await says(ALL)).toBeNull();
  expect(await contradictions()).toMatchObject([{ data: { said: '20.00', booked: '0.00' } }]);
});

test('a machine that has it pending still has not said what became of it', async () => {
  const { says, isAsked } = await aSettled('SETTLED');
  expect(await says({ to: 'PENDING_ON_MACHINE' })).toBeNull();
  expect(await isAsked()).toBe(true);
});

test.each([
  ['MEMORY_LOST', false],
  ['UNCLEAR', false],
  ['PENDING', true],
])('a machine that says %s of it is asked again at once: %s', async (kind, isAtOnce) => {
  const transfer = await (await aSettled('SETTLED')).transfer();
  const rests = createAftRests([]);
  rests.answered(transfer, { kind });
  expect(rests.isOver(transfer)).toBe(isAtOnce);
});
