import { afterEach, expect, test } from 'vitest';
import { NO_EXPIRATION } from '../../../src/sas/codec/expiration.ts';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import type { AnswerOf } from '../../../src/sas/codec/long-poll.ts';
import { AFT_LOCK } from '../../../src/sas/codec/long-polls/aft-lock.ts';
import type { AftReply } from '../../../src/sas/codec/long-polls/aft-reply.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { FEATURES } from '../../../src/sas/codec/long-polls/identity.ts';
import {
  aftStatus,
  cancelAftLock,
  cancelAftTransfer,
  interrogateAft,
  requestAftLock,
  sendAftTransfer,
} from '../../../src/sas/host/aft-commands.ts';
import { recoverAft } from '../../../src/sas/host/aft-history.ts';
import { REFUSALS, type Refusal, type RefusedStatus } from '../../../src/sas/host/aft-refusal.ts';
import { ASSET, anOrder, aReply } from './aft-orders.ts';
import { answering, aScriptedFloor, frame, type ScriptedFloor } from './scripted-floor.ts';

const floors: ScriptedFloor[] = [];

afterEach(async () => {
  for (const floor of floors.splice(0)) await floor[Symbol.asyncDispose]();
});

async function aFloor(): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor();
  floors.push(floor);
  answering(floor.machine(1), FEATURES, { game: 0, features: NO_FEATURES });
  await floor.clock.advance(10_000);
  floor.sent();
  return floor;
}

async function done<T>(floor: ScriptedFloor, promise: Promise<T>, ms = 30_000): Promise<T> {
  const settled = promise.catch(() => {});
  await floor.clock.advance(ms);
  await settled;
  return await promise;
}

const transfers = (floor: ScriptedFloor): string[] =>
  floor.sent().filter((message) => message.startsWith('01 72'));

const answer = (floor: ScriptedFloor, reply: AftReply) => answering(floor.machine(1), AFT_TRANSFER, reply);

/** Answers in order; null is silence. */
function answers(floor: ScriptedFloor, ...replies: (AftReply | null)[]): void {
  const { machine } = floor;
  machine(1).answers.set(AFT_TRANSFER.code, (message) => {
    const reply = replies.shift();
    if (!reply) return undefined;
    answering(machine(9), AFT_TRANSFER, reply);
    return machine(9).answers.get(AFT_TRANSFER.code)?.(message);
  });
}

const status = (change: Partial<AnswerOf<typeof AFT_LOCK>> = {}): AnswerOf<typeof AFT_LOCK> => ({
  assetNumber: ASSET,
  lockStatus: 'NOT_LOCKED',
  available: ['TO_MACHINE'],
  hostCashOut: [],
  capabilities: ['IN_HOUSE', 'ANY'],
  maxBufferIndex: 5,
  cashable: 0n,
  restricted: 0n,
  nonrestricted: 0n,
  transferLimit: 100_000n,
  restrictedExpiration: NO_EXPIRATION,
  pool: 0,
  ...change,
});

test('an order goes out as SAS has it: asset, key and id, no receipt, no lock timeout', async () => {
  const floor = await aFloor();
  answer(floor, aReply({ status: 'PENDING', completedAt: null }));
  const sent = sendAftTransfer(floor.host, 1, anOrder());
  expect(await done(floor, sent)).toEqual({ kind: 'PENDING', status: 'PENDING' });
  const key = Array(20).fill('00').join(' ');
  expect(transfers(floor)).toEqual([
    expect.stringMatching(
      `^01 72 37 00 00 00 00 00 00 05 00 (00 ){10}00 4D 00 00 00 ${key} 04 46 57 2D 31 00 00 00 00 00 00 00 .. ..$`,
    ),
  ]);
});

test('flags say who pays cash-outs, and what the order depends on', async () => {
  const floor = await aFloor();
  answer(floor, aReply({ status: 'PENDING' }));
  const flags = async (change: Parameters<typeof anOrder>[0]) => {
    await done(floor, sendAftTransfer(floor.host, 1, anOrder(change)));
    return transfers(floor)[0]?.split(' ')[21];
  };
  expect(await flags({})).toBe('00');
  expect(await flags({ hostCashOut: 'OFF' })).toBe('01');
  expect(await flags({ hostCashOut: 'SOFT' })).toBe('03');
  expect(await flags({ hostCashOut: 'HARD' })).toBe('07');
  expect(await flags({ hostCashOut: 'HARD', answersCashOut: true })).toBe('0F');
  expect(await flags({ lockAfter: true })).toBe('10');
  expect(await flags({ onlyIfLocked: true })).toBe('40');
});

test('a lock timeout goes to machines that take it', async () => {
  const floor = await aFloor();
  answer(floor, aReply({ status: 'PENDING' }));
  const order = anOrder({ lockAfter: true, lockTimeoutHundredths: 1_500 });
  await done(floor, sendAftTransfer(floor.host, 1, order));
  expect(transfers(floor)[0]).toMatch(/^01 72 39 .* 15 00 .. ..$/);
});

test('an order without an asset number, or with an id no machine takes, is not sent', async () => {
  const floor = await aFloor();
  await expect(sendAftTransfer(floor.host, 1, anOrder({ assetNumber: 0 }))).rejects.toThrow(RangeError);
  for (const transactionId of ['', 'x'.repeat(21)])
    await expect(sendAftTransfer(floor.host, 1, anOrder({ transactionId }))).rejects.toThrow(RangeError);
  await floor.clock.advance(5_000);
  expect(transfers(floor)).toEqual([]);
});

test('an order whose answer is lost is repeated byte for byte, and nothing is said in between', async () => {
  const floor = await aFloor();
  answers(floor, null, null, aReply());
  const sent = sendAftTransfer(floor.host, 1, anOrder());
  expect(await done(floor, sent)).toMatchObject({ kind: 'SETTLED', extent: 'FULL' });
  const messages = floor.sent('ALL');
  const first = messages.findIndex((message) => message.startsWith('01 72'));
  expect(new Set(messages.slice(first, first + 3)).size).toBe(1);
  expect(messages.slice(first + 3).filter((message) => message.startsWith('01 72'))).toEqual([]);
});

test('an order that is never answered is sent three times, and then nobody knows', async () => {
  const floor = await aFloor();
  answers(floor);
  const sent = sendAftTransfer(floor.host, 1, anOrder());
  expect(await done(floor, sent)).toEqual({ kind: 'UNKNOWN', failure: 'SILENT', attempts: 3 });
  expect(transfers(floor)).toHaveLength(3);
});

test('a refusal after a lost answer may be of the second try alone, and nobody knows of the first', async () => {
  const floor = await aFloor();
  answers(floor, null, { form: 'SHORT', bufferPosition: 0, status: 'CLASHES_WITH_TRANSFER' });
  const sent = sendAftTransfer(floor.host, 1, anOrder());
  expect(await done(floor, sent)).toEqual({
    kind: 'UNKNOWN',
    failure: 'CLASHES_WITH_TRANSFER',
    attempts: 2,
  });
});

test('a machine that does not understand, or is busy, may have understood before', async () => {
  const floor = await aFloor();
  for (const [bytes, failure] of [
    [[0x81], 'NACK'],
    [[0x01, 0x00], 'BUSY'],
  ] as const) {
    floor.machine(1).answers.set(AFT_TRANSFER.code, () => bytes);
    const sent = sendAftTransfer(floor.host, 1, anOrder());
    expect(await done(floor, sent)).toEqual({ kind: 'UNKNOWN', failure, attempts: 3 });
  }
});

/** An event in place of an answer, as of a machine that was left in real-time mode. */
const EVENT = frame(0x01, 0xff, 0x69);

test('an order answered with an event was not carried out, and is sent again behind another poll', async () => {
  const floor = await aFloor();
  let times = 0;
  answer(floor, aReply());
  const reply = floor.machine(1).answers.get(AFT_TRANSFER.code);
  floor.machine(1).answers.set(AFT_TRANSFER.code, (message) => {
    times += 1;
    return times === 1 ? EVENT : reply?.(message);
  });
  const sent = sendAftTransfer(floor.host, 1, anOrder());
  expect(await done(floor, sent)).toMatchObject({ kind: 'SETTLED' });
  const messages = floor.sent('ALL');
  const [first = 0, second = 0] = messages.flatMap((message, at) => (/^01 72 37/.test(message) ? [at] : []));
  expect(messages.slice(first + 1, second)).toContain('81');
  expect(floor.of('exception').map(({ code }) => code)).toContain(0x69);
});

test('an order whose answer was lost before an event came is not sent again: that would acknowledge it unseen', async () => {
  const floor = await aFloor();
  let times = 0;
  floor.machine(1).answers.set(AFT_TRANSFER.code, () => {
    times += 1;
    return times === 2 ? EVENT : undefined;
  });
  const sent = sendAftTransfer(floor.host, 1, anOrder());
  expect(await done(floor, sent)).toMatchObject({ kind: 'UNKNOWN', attempts: 2 });
  expect(transfers(floor).filter((message) => message.startsWith('01 72 37'))).toHaveLength(2);
});

test('an order to a machine that is away is not sent', async () => {
  const floor = await aFloor();
  floor.machine(1).isSilent = true;
  await floor.clock.advance(10_000);
  floor.sent();
  expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()))).toEqual({ kind: 'NOT_SENT' });
  expect(transfers(floor)).toEqual([]);
});

test('an order that is out when the port closes is not taken for unsent', async () => {
  const floor = await aFloor();
  floor.machine(1).answers.set(AFT_TRANSFER.code, () => {
    floor.unplug();
    return undefined;
  });
  expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()))).toMatchObject({
    kind: 'UNKNOWN',
    failure: 'OFFLINE',
    attempts: 1,
  });
});

test.each([
  ['a door', { form: 'SHORT', bufferPosition: 0, status: 'NOT_NOW' }, { kind: 'REFUSED', code: 'SAS_004' }],
  ['another transfer', aReply({ status: 'CLASHES_WITH_TRANSFER' }), { kind: 'REFUSED', code: 'SAS_004' }],
  ['its limit', aReply({ status: 'OVER_TRANSFER_LIMIT' }), { kind: 'REFUSED', code: 'SAS_009' }],
  ['its lock', aReply({ status: 'NOT_LOCKED' }), { kind: 'REFUSED', code: 'SAS_008' }],
  ['what came before', aReply({ status: 'ID_NOT_UNIQUE' }), { kind: 'LOGGED_BEFORE' }],
  ['somebody else', aReply({ transactionId: 'OTHER' }), { kind: 'FOREIGN', transactionId: 'OTHER' }],
] as const)('an order is told what the machine says of %s', async (_, reply, told) => {
  const floor = await aFloor();
  answer(floor, reply);
  expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()))).toMatchObject(told);
});

test('every refusal there is comes back as what it is, long or short', async () => {
  const floor = await aFloor();
  for (const [status, refusal] of Object.entries(REFUSALS) as [RefusedStatus, Refusal][]) {
    for (const reply of [aReply({ status }), { form: 'SHORT', bufferPosition: 0, status } as const]) {
      answer(floor, reply);
      expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()), 2_000)).toEqual({
        kind: 'REFUSED',
        status,
        ...refusal,
      });
    }
  }
});

test('a transfer is cancelled, and the answer says whether it was', async () => {
  const floor = await aFloor();
  answer(floor, aReply({ status: 'CANCELLED_BY_HOST', cashable: 0n }));
  expect(await done(floor, cancelAftTransfer(floor.host, 1, anOrder()))).toEqual({ kind: 'CANCELLED' });
  expect(transfers(floor)).toEqual([expect.stringMatching(/^01 72 01 80 .. ..$/)]);
  answer(floor, aReply());
  expect(await done(floor, cancelAftTransfer(floor.host, 1, anOrder()))).toMatchObject({ kind: 'SETTLED' });
});

test('an interrogation asks for the last, or a place of the history', async () => {
  const floor = await aFloor();
  answer(floor, aReply({ status: 'PARTIAL_DONE', cashable: 300n, type: 'HOST_TO_MACHINE' }));
  expect(await done(floor, interrogateAft(floor.host, 1, anOrder()))).toMatchObject({
    kind: 'SETTLED',
    extent: 'PARTIAL',
    moved: { cashable: 300n },
  });
  await done(floor, interrogateAft(floor.host, 1, { ...anOrder(), index: 127 }));
  expect(transfers(floor)).toEqual(['01 72 02 FF 00 0F 22', expect.stringMatching(/^01 72 02 FF 7F/)]);
});

test('the lock is asked for, looked at and given back', async () => {
  const floor = await aFloor();
  answering(floor.machine(1), AFT_LOCK, status({ lockStatus: 'PENDING' }));
  const lock = { conditions: ['TO_MACHINE', 'FROM_MACHINE'], timeoutHundredths: 500 } as const;
  expect(await done(floor, requestAftLock(floor.host, 1, lock))).toMatchObject({
    kind: 'STATUS',
    status: { lockStatus: 'PENDING', assetNumber: ASSET },
  });
  answering(floor.machine(1), AFT_LOCK, status({ lockStatus: 'LOCKED' }));
  expect(await done(floor, aftStatus(floor.host, 1))).toMatchObject({ status: { lockStatus: 'LOCKED' } });
  await done(floor, cancelAftLock(floor.host, 1));
  expect(floor.sent().filter((message) => message.startsWith('01 74'))).toEqual([
    expect.stringMatching(/^01 74 00 03 05 00 .. ..$/),
    '01 74 FF 00 00 00 1A F9',
    expect.stringMatching(/^01 74 80 00 00 00 .. ..$/),
  ]);
  await expect(requestAftLock(floor.host, 1, { ...lock, conditions: [] })).rejects.toThrow(RangeError);
});

test('a machine that knows no transfers says so by silence', async () => {
  const floor = await aFloor();
  expect(await done(floor, aftStatus(floor.host, 1))).toEqual({
    kind: 'NO_ANSWER',
    failure: 'SILENT',
    attempts: 3,
  });
});

/** Records by place; index 0 is the last. */
function history(floor: ScriptedFloor, records: Readonly<Record<number, AftReply>>): void {
  const machine = floor.machine(1);
  answering(machine, AFT_LOCK, status());
  machine.answers.set(AFT_TRANSFER.code, (message) => {
    const index = Number.parseInt(message.split(' ')[4] ?? '', 16);
    const none: AftReply = { form: 'SHORT', bufferPosition: 0, status: 'NO_INFORMATION' };
    answering(floor.machine(9), AFT_TRANSFER, records[index] ?? none);
    return floor.machine(9).answers.get(AFT_TRANSFER.code)?.(message);
  });
}

const other = (bufferPosition: number, change: Parameters<typeof aReply>[0] = {}) =>
  aReply({ transactionId: `OTHER-${bufferPosition}`, bufferPosition, ...change });

test('a transfer whose answer was lost is found as the last', async () => {
  const floor = await aFloor();
  history(floor, { 0: aReply() });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'SETTLED' });
  history(floor, { 0: aReply({ status: 'PENDING' }) });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'PENDING' });
  history(floor, { 0: aReply({ status: 'NOT_NOW' }) });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'REFUSED' });
});

const places = (floor: ScriptedFloor) => transfers(floor).map((message) => message.slice(12, 14));

test('it is found in the history, from the newest back and round the ring, past empty places', async () => {
  const floor = await aFloor();
  history(floor, { 0: other(3), 1: other(1), 3: other(3), 5: other(5), 4: aReply({ bufferPosition: 4 }) });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({
    kind: 'SETTLED',
    bufferPosition: 4,
  });
  expect(places(floor)).toEqual(['00', '03', '02', '01', '05', '04']);
});

test('a machine has no trace of it when the history has neither it nor anything from before', async () => {
  const floor = await aFloor();
  history(floor, { 0: other(2), 1: other(1), 2: other(2) });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toEqual({ kind: 'NO_TRACE' });
  // The last place is empty: the ring was not written so far.
  expect(places(floor)).toEqual(['00', '02', '01', '05']);
  history(floor, { 0: other(2), 1: other(1), 2: other(2), 3: other(3), 4: other(4), 5: other(5) });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toEqual({ kind: 'NO_TRACE' });
  expect(places(floor)).toEqual(['00', '02', '01', '05', '04', '03']);
});

test('a machine that has no last transfer has none at all when both ends of its history are empty', async () => {
  const floor = await aFloor();
  history(floor, {});
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toEqual({ kind: 'NO_TRACE' });
  expect(places(floor)).toEqual(['00', '01', '05']);
  history(floor, { 1: other(1), 2: aReply() });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'SETTLED' });
});

test('what was over before it was sent, and what is older, is not looked at', async () => {
  const floor = await aFloor();
  const lost = { ...anOrder(), isEarlier: (id: string) => id === 'OTHER-2' };
  history(floor, { 0: other(2), 1: other(1), 2: other(2) });
  expect(await done(floor, recoverAft(floor.host, 1, lost))).toEqual({ kind: 'NEVER_HAPPENED' });
  expect(places(floor)).toEqual(['00']);
  history(floor, { 0: other(4), 1: other(1), 2: other(2), 3: other(3), 4: other(4) });
  expect(await done(floor, recoverAft(floor.host, 1, lost))).toEqual({ kind: 'NEVER_HAPPENED' });
  expect(places(floor)).toEqual(['00', '04', '03', '02']);
});

test('a machine that speaks of it, but not of how it ended, is for a person', async () => {
  const floor = await aFloor();
  for (const said of ['ID_NOT_UNIQUE', 'CLASHES_WITH_TRANSFER'] as const) {
    history(floor, { 0: aReply({ status: said }), 1: other(1) });
    expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toEqual({
      kind: 'UNCLEAR',
      why: 'NOT_IN_HISTORY',
      status: said,
    });
    history(floor, { 0: aReply({ status: said }), 1: aReply() });
    expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'SETTLED' });
  }
});

test('nothing is said to have never happened while a single record was not heard', async () => {
  const floor = await aFloor();
  history(floor, { 0: other(2), 1: other(1), 2: other(2) });
  const { answers: said } = floor.machine(1);
  const usual = said.get(AFT_TRANSFER.code);
  said.set(AFT_TRANSFER.code, (message) =>
    message.startsWith('01 72 02 FF 05') ? undefined : usual?.(message),
  );
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'NO_ANSWER' });
});
