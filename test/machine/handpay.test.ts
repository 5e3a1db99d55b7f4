import { expect, test } from 'vitest';
import { system, type UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { CommandFailure } from '../../src/machine/command.ts';
import { finishCommand, requestCommand } from '../../src/machine/command-service.ts';
import { markBegun } from '../../src/machine/command-store.ts';
import type { HandpayMethod } from '../../src/machine/handpay.ts';
import { mayGoToCreditMeter } from '../../src/machine/handpay-reset-store.ts';
import { recordHandpay, recordHandpayReset } from '../../src/machine/handpay-service.ts';
import { findHandpaysByIds } from '../../src/machine/handpay-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aMachine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const SAS = system('sas');
const { id: venueId } = await aVenue(runWork);
const operator: UserActor = {
  kind: 'user',
  userId: newId(),
  venueId,
  sessionId: newId(),
  roles: ['OPERATOR'],
  grants: [],
  mustChangePassword: false,
};

const told = (machineId: string, cents = 5_000n) => ({
  id: newId(),
  venueId,
  machineId,
  kind: 'NORMAL_WIN' as const,
  progressiveGroup: 0,
  level: 0,
  cents,
  partialPay: 0n,
  canGoToCreditMeter: true,
  pendingAt: new Date(),
});

const pending = (machineId: string) => runWork(SAS, (work) => recordHandpay(work, told(machineId), null));
const heard = (machineId: string, at = new Date()) =>
  runWork(SAS, (work) => recordHandpayReset(work, { venueId, machineId }, at));

/** A reset that was asked for, and whose first byte is about to be sent. */
async function begun(machineId: string, method: HandpayMethod = 'STANDARD') {
  const request = { venueId, machineId, kind: 'RESET_HANDPAY', reason: 'paid', timeoutMs: 5_000 } as const;
  const command = await runWork(operator, (work) =>
    requestCommand(work, { ...request, handpayMethod: method, id: newId() }),
  );
  await runWork(SAS, (work) => markBegun(work.tx, command, work.now));
  return {
    command,
    end: (failure: CommandFailure | null) =>
      runWork(SAS, (work) =>
        finishCommand(
          work,
          command,
          failure ? { done: false, failure, attempts: 1 } : { done: true, attempts: 1 },
        ),
      ),
  };
}

async function resetOf(id: string) {
  const [handpay] = await findHandpaysByIds(db, venueId, [id]);
  return handpay?.reset ? (handpay.reset.command?.id ?? 'AT_THE_MACHINE') : 'OPEN';
}

test('a reset that the machine told of before its command was answered is the command’s, and no other is reset', async () => {
  const { id: machineId } = await aMachine(runWork, { venueId });
  const ids = [await pending(machineId), await pending(machineId)] as const;
  const { command, end } = await begun(machineId);
  await heard(machineId);
  await end(null);
  expect([await resetOf(ids[0]), await resetOf(ids[1])]).toEqual([command.id, 'OPEN']);
});

test.each(['UNABLE', 'IN_DOUBT'] as const)(
  'a reset that the machine told of is not the command’s that ended as %s',
  async (failure) => {
    const { id: machineId } = await aMachine(runWork, { venueId });
    const id = await pending(machineId);
    const { end } = await begun(machineId);
    await heard(machineId);
    await end(failure);
    expect(await resetOf(id)).toBe('AT_THE_MACHINE');
  },
);

test('what a machine tells of a reset counts for the command of the last minute, and later for an attendant', async () => {
  const { id: machineId } = await aMachine(runWork, { venueId });
  const ids = [await pending(machineId), await pending(machineId)] as const;
  const { command, end } = await begun(machineId);
  await end(null);
  await heard(machineId, new Date(Date.now() + 30_000));
  expect([await resetOf(ids[0]), await resetOf(ids[1])]).toEqual([command.id, 'OPEN']);
  await heard(machineId, new Date(Date.now() + 31_000));
  expect(await resetOf(ids[1])).toBe('AT_THE_MACHINE');

  const later = [await pending(machineId), await pending(machineId)] as const;
  const unheard = await begun(machineId);
  await unheard.end(null);
  await heard(machineId, new Date(Date.now() + 90_000));
  expect([await resetOf(later[0]), await resetOf(later[1])]).toEqual([unheard.command.id, 'AT_THE_MACHINE']);
});

test('of a handpay that is repeated the one on record is answered, and of another with its facts a new one', async () => {
  const { id: machineId } = await aMachine(runWork, { venueId });
  const held = await pending(machineId);
  const again = told(machineId);
  const other = told(machineId, 5_001n);
  const record = (handpay: typeof again, heldId: string | null) =>
    runWork(SAS, (work) => recordHandpay(work, handpay, heldId));
  expect(await record(again, held)).toBe(held);
  expect(await record(other, held)).toBe(other.id);
  expect(await record(other, held)).toBe(other.id);
  expect(await record(again, null)).toBe(again.id);
  const rows = await db
    .selectFrom('handpay')
    .select(['id', 'held'])
    .where('machine_id', '=', machineId)
    .orderBy('pending_at')
    .orderBy('id')
    .execute();
  expect(rows.filter((row) => row.held).map(({ id }) => id)).toEqual([again.id]);
  expect(rows).toHaveLength(3);
});

test.each([
  ['CREDIT_METER', 'UNABLE', true],
  ['CREDIT_METER', 'IN_DOUBT', true],
  ['CREDIT_METER', null, false],
  ['STANDARD', 'UNABLE', false],
] as const)(
  'after a reset to %s that ended as %s, whether the next may go to the credit meter is %s',
  async (method, failure, expected) => {
    const { id: machineId } = await aMachine(runWork, { venueId });
    await pending(machineId);
    await (await begun(machineId, method)).end(failure);
    const next = await begun(machineId);
    expect(await mayGoToCreditMeter(db, { venueId, machineId }, next.command.id)).toBe(expected);
  },
);
