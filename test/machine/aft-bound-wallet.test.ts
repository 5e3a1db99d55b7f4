import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { CashOutRequestType } from '../../src/machine/aft-cash-out.ts';
import { orderCashOut } from '../../src/machine/aft-cash-out-service.ts';
import { markSent, progress } from '../../src/machine/aft-progress.ts';
import type { MachineEventType } from '../../src/machine/machine-event.ts';
import { recordMeters } from '../../src/machine/meter-service.ts';
import { recordConnection, recordException, recordIdentity } from '../../src/machine/service.ts';
import { meterCode } from '../../src/sas/codec/meters.ts';
import { createRunWork } from '../../src/work.ts';
import { aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';
import { anIdentity } from '../support/identity.ts';
import { aWallet } from '../support/money.ts';

/** Whose the credits are that a machine asks to have taken, where the books heard late of what was brought. */

const TEST = system('test');
const ALL = { to: 'SETTLED', movedMinor: 2_000n } as const;
const REFUSED = { to: 'REJECTED', failure: { code: 'SAS_004', status: 'NOT_NOW' } } as const;
const OFFER = { assetNumber: 7, cents: 2_000n, isPartialAllowed: true };

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);

const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const workAt = (minutes: number) =>
  createRunWork({ db, onEvents: () => {}, clockShiftMs: () => minutes * 60_000 });

/** USD 20.00 that were sent half an hour ago and booked ten minutes ago, and what else the machine told. */
async function aStay(told: readonly (readonly [MachineEventType, number])[]) {
  const [machine] = (await aLine(runWork, { venueId })).machines;
  if (!machine) throw new Error('a line without machines');
  const { id: machineId } = machine;
  const subject = { venueId, machineId };
  const says = (serialNumber: string, minutes: number) =>
    runWork(TEST, (work) =>
      recordIdentity(work, { ...subject, identity: anIdentity({ serialNumber }), at: at(minutes) }),
    );
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  await runWork(TEST, (work) => recordConnection(work, { ...subject, state: 'ONLINE', at: at(-60) }));
  await says('A', -60);
  const sent = workAt(-30);
  const id = await aTransfer(sent, { ...subject, walletId: wallet.id, amountMinor: 2_000n });
  await sent(TEST, (work) => markSent(work, { id, venueId }, { assetNumber: 7 }));
  await workAt(-10)(TEST, (work) => progress(work, { id, venueId }, () => ALL));
  const raised = async (type: MachineEventType, minutes: number) => {
    const eventId = newId();
    const event = { ...subject, id: eventId, type, exceptionCode: 0, data: null, occurredAt: at(minutes) };
    await runWork(TEST, (work) => recordException(work, event));
    return eventId;
  };
  for (const [type, minutes] of told) await raised(type, minutes);
  await raised('CASH_OUT_PRESSED', -1);
  const asked = async (minutes = -1, type: CashOutRequestType = 'AFT_CASH_OUT_REQUESTED') => {
    const request = { ...subject, type, eventId: await raised(type, minutes), occurredAt: at(minutes) };
    return await runWork(TEST, (work) => orderCashOut(work, request, OFFER));
  };
  return { says, subject, walletId: wallet.id, raised, asked };
}

test('what was booked late is taken for him who brought it', async () => {
  const { asked, walletId } = await aStay([]);
  expect(await asked()).toMatchObject({ walletId });
});

test.each<[string, MachineEventType]>([
  ['a bill', 'BILL_ACCEPTED_20'],
  ['a ticket that came out', 'CASH_OUT_TICKET_PRINTED'],
  ['a cash-out that the machine paid', 'CASH_OUT_PRESSED'],
])('%s before the books heard of it makes it somebody’s', async (_, type) => {
  const { asked } = await aStay([[type, -20]]);
  expect(await asked()).toBeNull();
});

test('what is asked for after a win was taken is his once he pressed the button again', async () => {
  const { asked, raised, walletId } = await aStay([]);
  const win = await asked(-1, 'AFT_WIN_REQUESTED');
  if (!win) throw new Error('the win was left to the machine');
  await runWork(TEST, (work) => markSent(work, win, { assetNumber: 7 }));
  await runWork(TEST, (work) => progress(work, win, () => ALL));
  expect(await asked(1)).toBeNull();
  await raised('CASH_OUT_PRESSED', 1);
  expect(await asked(1)).toMatchObject({ walletId, cause: 'CASH_OUT' });
});

test.each([
  ['had none left', false, [2_000n, 0n, 4_000n]],
  ['had some left', true, [2_000n, 1n, 4_000n]],
])('the credits of a machine that %s since are his: %s', async (_, isHis, credits) => {
  const { asked, subject } = await aStay([]);
  for (const [index, value] of credits.entries()) {
    const values = new Map([[meterCode('CURRENT_CREDITS'), { value, bcdBytes: 4 }]]);
    const reading = { ...subject, readAt: at(index - 8), values };
    await workAt(index - 8)(TEST, (work) => recordMeters(work, venueId, [reading]));
  }
  expect((await asked()) !== null).toBe(isHis);
});

test('nobody brought money to a machine that came in the place of another since', async () => {
  const { asked, says } = await aStay([]);
  await says('B', -5);
  expect(await asked()).toBeNull();
});

test('whose money a machine says that it took after all, nobody knows', async () => {
  const { asked, subject } = await aStay([]);
  const other = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const sent = workAt(-5);
  const id = await aTransfer(sent, { ...subject, walletId: other.id, amountMinor: 2_000n });
  await sent(TEST, (work) => markSent(work, { id, venueId }, { assetNumber: 7 }));
  await sent(TEST, (work) => progress(work, { id, venueId }, () => REFUSED));
  await workAt(-4)(TEST, (work) => progress(work, { id, venueId }, () => ALL));
  expect(await asked()).toBeNull();
});
