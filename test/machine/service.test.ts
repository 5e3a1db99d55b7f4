import { expect, test } from 'vitest';
import { system, type UserActor } from '../../src/lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { expireOverdueCommands, finishCommand, requestCommand } from '../../src/machine/command-service.ts';
import { findCommand } from '../../src/machine/command-store.ts';
import { findLine } from '../../src/machine/line-store.ts';
import { statusOf } from '../../src/machine/machine.ts';
import { listMachineEvents } from '../../src/machine/machine-event-store.ts';
import { recordMeters } from '../../src/machine/meter-service.ts';
import { findMeters, listMeterHistory, pruneMeterHistory } from '../../src/machine/meter-store.ts';
import { recordConnection, recordException, recordLineState } from '../../src/machine/service.ts';
import { findMachine } from '../../src/machine/store.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine, aMachine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const SAS = system('sas');
const venue = await aVenue(runWork);
const { id: venueId } = venue;

const operator: UserActor = {
  kind: 'user',
  userId: newId(),
  venueId,
  sessionId: newId(),
  roles: ['OPERATOR'],
  grants: [],
  mustChangePassword: false,
};

const COIN_IN = 0x0000;
const CREDITS = 0x000c;

const read = (machineId: string, readAt: Date, values: Record<number, bigint>) =>
  runWork(SAS, (work) =>
    recordMeters(work, venueId, [
      {
        machineId,
        venueId,
        readAt,
        values: new Map(
          Object.entries(values).map(([code, value]) => [Number(code), { value, bcdBytes: 4 }]),
        ),
      },
    ]),
  );

const eventsOf = async (machineId: string) =>
  listMachineEvents(db, venueId, {
    filter: { machineIds: [machineId], types: null },
    range: { after: null, before: null, limit: 100, backward: false },
  });

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));

test('a reading keeps what changed, and only that, as value and history', async () => {
  const { id } = await aMachine(runWork, { venueId });
  const [first] = await read(id, at(0), { [COIN_IN]: 100n, [CREDITS]: 20n });
  expect(first?.version).toBe(1n);
  expect(first?.values.map(({ delta }) => delta)).toEqual([null, null]);

  expect(await read(id, at(1), { [COIN_IN]: 100n, [CREDITS]: 20n })).toEqual([]);

  const [second] = await read(id, at(2), { [COIN_IN]: 130n, [CREDITS]: 5n });
  expect(second?.version).toBe(2n);
  expect(second?.values.map(({ value, delta }) => [value, delta])).toEqual([
    [130n, 30n],
    [5n, -15n],
  ]);
  expect(await findMeters(db, venueId, [id])).toEqual([second]);

  const history = await listMeterHistory(db, venueId, {
    machineId: id,
    codes: [COIN_IN],
    from: at(0),
    to: at(60),
    intervalSeconds: null,
    limit: 10,
  });
  expect(history.map(({ at: when, value, delta, resets }) => [when, value, delta, resets])).toEqual([
    [at(0), 100n, 0n, 1],
    [at(2), 130n, 30n, 0],
  ]);
});

test('the hours of a history sum to last minus first, roll-over included', async () => {
  const { id } = await aMachine(runWork, { venueId });
  const counts = [99_999_900n, 99_999_950n, 99_999_999n, 40n, 300n];
  for (const [i, value] of counts.entries()) await read(id, at(i), { [COIN_IN]: value });
  const [hour] = await listMeterHistory(db, venueId, {
    machineId: id,
    codes: [COIN_IN],
    from: at(0),
    to: at(60),
    intervalSeconds: 3_600,
    limit: 10,
  });
  expect(hour).toMatchObject({ value: 300n, delta: 400n, resets: 1 });
  expect((await eventsOf(id)).filter(({ type }) => type === 'METER_RESET')).toEqual([]);
});

test('a cleared counter is an event and no difference', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, at(0), { [COIN_IN]: 5_000n });
  const [after] = await read(id, at(1), { [COIN_IN]: 10n });
  expect(after?.values[0]).toMatchObject({ value: 10n, delta: null });
  const [reset] = await eventsOf(id);
  expect(reset).toMatchObject({
    type: 'METER_RESET',
    data: { meter: 'COIN_IN', code: COIN_IN, from: '5000', to: '10' },
  });
});

test('a reading that comes late, of whoever drove the line before, changes nothing', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, at(0), { [COIN_IN]: 100n });
  await read(id, at(5), { [COIN_IN]: 150n });
  expect(await read(id, at(3), { [COIN_IN]: 130n })).toEqual([]);
  expect((await findMeters(db, venueId, [id]))[0]?.values[0]?.value).toBe(150n);
  expect(await eventsOf(id)).toEqual([]);
});

test('a clock that was set back does not stop the meters', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, at(3_600), { [COIN_IN]: 100n });
  const [after] = await read(id, at(0), { [COIN_IN]: 130n });
  expect(after?.values[0]).toMatchObject({ value: 130n, delta: 30n });
});

test('two processes that write the same reading count it once', async () => {
  const { id } = await aMachine(runWork, { venueId });
  await read(id, at(0), { [COIN_IN]: 100n });
  await Promise.all([1, 2, 3, 4].map(() => read(id, at(1), { [COIN_IN]: 150n })));
  const history = await listMeterHistory(db, venueId, {
    machineId: id,
    codes: [COIN_IN],
    from: at(0),
    to: at(60),
    intervalSeconds: 3_600,
    limit: 10,
  });
  expect(history).toMatchObject([{ value: 150n, delta: 50n }]);
});

test('history past its retention goes in batches', async () => {
  const { id } = await aMachine(runWork, { venueId });
  for (let i = 0; i < 5; i += 1) await read(id, at(i), { [COIN_IN]: BigInt(i) });
  const prune = () => runWork(SAS, (work) => pruneMeterHistory(work.tx, { before: at(3), limit: 2 }));
  const deleted = [];
  for (let n = await prune(); n > 0; n = await prune()) deleted.push(n);
  expect(deleted.every((n) => n <= 2)).toBe(true);
  const left = await listMeterHistory(db, venueId, {
    machineId: id,
    codes: [COIN_IN],
    from: at(0),
    to: at(60),
    intervalSeconds: null,
    limit: 10,
  });
  expect(left.map(({ value }) => value)).toEqual([3n, 4n]);
});

test('going online or offline twice is one event', async () => {
  const { id } = await aMachine(runWork, { venueId });
  const link = (state: 'ONLINE' | 'OFFLINE') =>
    runWork(SAS, (work) => recordConnection(work, { venueId, machineId: id, state, at: at(0) }));
  await link('ONLINE');
  await link('ONLINE');
  await link('OFFLINE');
  expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['OFFLINE', 'ONLINE']);
});

test('a line that is down for another cause is down since the first', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const line = await findLine(db, lineId);
  if (!line) throw new Error('no line');
  const at = (second: number) => new Date(Date.UTC(2025, 0, 1, 0, 0, second));
  const told = async (state: 'UP' | 'DOWN', cause: string | null, second: number) => {
    await runWork(SAS, (work) => recordLineState(work, line, { state, cause, at: at(second) }));
    const { cause: shown, changedAt } = (await findLine(db, lineId)) ?? {};
    return { cause: shown, changedAt };
  };
  await told('UP', null, 0);
  expect(await told('DOWN', null, 1)).toEqual({ cause: null, changedAt: at(1) });
  expect(await told('DOWN', 'refused', 2)).toEqual({ cause: 'refused', changedAt: at(1) });
  expect(await told('UP', null, 3)).toEqual({ cause: null, changedAt: at(3) });
  expect(await told('DOWN', 'refused', 4)).toEqual({ cause: 'refused', changedAt: at(4) });
});

test('start and end of a game show in the status', async () => {
  const { id } = await aMachine(runWork, { venueId });
  const status = async () => {
    const machine = await findMachine(db, venueId, id);
    return machine && statusOf(machine);
  };
  const say = (type: 'GAME_STARTED' | 'GAME_ENDED', exceptionCode: number) =>
    runWork(SAS, (work) =>
      recordException(work, { venueId, machineId: id, type, exceptionCode, data: null, occurredAt: at(0) }),
    );
  expect(await status()).toBe('UNKNOWN');
  await runWork(SAS, (work) =>
    recordConnection(work, { venueId, machineId: id, state: 'ONLINE', at: at(0) }),
  );
  expect(await status()).toBe('IDLE');
  await say('GAME_STARTED', 0x7e);
  expect(await status()).toBe('PLAYING');
  await say('GAME_ENDED', 0x7f);
  expect(await status()).toBe('IDLE');
});

test('a command that was done changes its machine once and says so', async () => {
  const machine = await aMachine(runWork, { venueId });
  const request = {
    venueId,
    machineId: machine.id,
    kind: 'LOCK',
    reason: ' service ',
    timeoutMs: 5_000,
  } as const;
  const command = await runWork(operator, (work) => requestCommand(work, { ...request, id: newId() }));
  expect(command.reason).toBe('service');
  for (let i = 0; i < 2; i += 1) {
    await runWork(SAS, (work) => finishCommand(work, command, { done: true, attempts: 2 }));
  }
  expect(await findCommand(db, venueId, command.id)).toMatchObject({ state: 'SUCCEEDED', attempts: 2 });
  expect((await findMachine(db, venueId, machine.id))?.lock).toMatchObject({
    reason: 'service',
    lockedBy: { kind: 'user', id: operator.userId },
  });
  expect((await eventsOf(machine.id)).map(({ type }) => type)).toEqual(['LOCKED']);
});

test('a command nobody executes expires', async () => {
  const machine = await aMachine(runWork, { venueId });
  const command = await runWork(operator, (work) =>
    requestCommand(work, {
      id: newId(),
      venueId,
      machineId: machine.id,
      kind: 'UNLOCK',
      reason: 'x',
      timeoutMs: -1,
    }),
  );
  await runWork(SAS, expireOverdueCommands);
  expect(await findCommand(db, venueId, command.id)).toMatchObject({ state: 'EXPIRED' });
  expect((await findMachine(db, venueId, machine.id))?.lock).toBeNull();
});

test.each([
  ['a player', { ...operator, roles: ['PLAYER'] }, NotFoundError],
  ['an auditor', { ...operator, roles: ['AUDITOR'] }, NotOwnerError],
  ['an operator of another venue', { ...operator, venueId: newId() }, NotFoundError],
] as const)('%s controls no machine', async (_who, actor, error) => {
  const machine = await aMachine(runWork, { venueId });
  const request = {
    id: newId(),
    venueId,
    machineId: machine.id,
    kind: 'LOCK',
    reason: 'x',
    timeoutMs: 1,
  } as const;
  await expect(runWork(actor, (work) => requestCommand(work, request))).rejects.toThrow(error);
});

test.each(['', '   ', 'x'.repeat(201)])('the reason %j is refused', async (reason) => {
  const machine = await aMachine(runWork, { venueId });
  const request = {
    id: newId(),
    venueId,
    machineId: machine.id,
    kind: 'LOCK',
    reason,
    timeoutMs: 1,
  } as const;
  await expect(runWork(operator, (work) => requestCommand(work, request))).rejects.toThrow(ValidationError);
});
