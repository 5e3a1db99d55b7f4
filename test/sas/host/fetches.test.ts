import { expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { HANDPAY_INFORMATION } from '../../../src/sas/codec/long-polls/handpay.ts';
import { FEATURES } from '../../../src/sas/codec/long-polls/identity.ts';
import { PROGRESSIVE_WIN, SAS_PROGRESSIVE_WIN } from '../../../src/sas/codec/long-polls/progressives.ts';
import { REDEEM_TICKET } from '../../../src/sas/codec/long-polls/tickets.ts';
import { READ_VALIDATION_RECORD } from '../../../src/sas/codec/long-polls/validation.ts';
import { encodeAnswer } from '../../../src/sas/codec/poll-table.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { settled } from './manual-clock.ts';
import { answering, aScriptedFloor, frame, type ScriptedFloor } from './scripted-floor.ts';

const HANDPAY_PENDING = 0x51;
const JACKPOT = { group: 0, level: 0x40, cents: 125_000n, partialPay: 0n, resetId: 0x01 };
const NONE = { group: 0, level: 0, cents: 0n, partialPay: 0n, resetId: 0 };

async function anOnlineFloor(options: Parameters<typeof aScriptedFloor>[0] = {}): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor(options);
  await floor.clock.advance(30_000);
  floor.sent();
  return floor;
}

test('a handpay is read as soon as its exception is stored, and told with all it says', async () => {
  await using floor = await anOnlineFloor();
  answering(floor.machine(1), HANDPAY_INFORMATION, JACKPOT);
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(1_000);
  const sent = floor.sent();
  expect(sent.slice(sent.indexOf('01 1B') - 1, sent.indexOf('01 1B') + 1)).toEqual(['81', '01 1B']);
  expect(floor.of('handpay')).toEqual([
    {
      kind: 'handpay',
      address: 1,
      at: expect.any(Date),
      type: 'TOP_AWARD',
      progressiveGroup: 0,
      level: 0x40,
      cents: 125_000n,
      partialPay: 0n,
      canGoToCreditMeter: true,
      resetId: 1,
    },
  ]);
  const kinds = floor.reports.map(({ kind }) => kind);
  expect(kinds.indexOf('handpay')).toBeGreaterThan(kinds.indexOf('exception'));
});

test('every handpay of a queue is told, in order, one for each exception', async () => {
  await using floor = await anOnlineFloor();
  const machine = floor.machine(1);
  const amounts = [100n, 100n, 300n];
  machine.answers.set(HANDPAY_INFORMATION.code, () => [
    ...encodeAnswer(HANDPAY_INFORMATION, 1, { ...JACKPOT, cents: amounts.shift() ?? 0n }),
  ]);
  for (let count = 0; count < 3; count += 1) {
    machine.exceptions.push(HANDPAY_PENDING);
    await floor.clock.advance(1_000);
  }
  expect(floor.of('handpay').map(({ cents }) => cents)).toEqual([100n, 100n, 300n]);
});

test('a handpay that was reset meanwhile is nothing to tell', async () => {
  await using floor = await anOnlineFloor();
  answering(floor.machine(1), HANDPAY_INFORMATION, NONE);
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(2_000);
  expect(floor.sent().filter((message) => message === '01 1B')).toHaveLength(1);
  expect(floor.of('handpay')).toEqual([]);
});

test('a lost handpay is asked for again bare, before anybody else hears a poll', async () => {
  await using floor = await anOnlineFloor({ machines: [1, 2] });
  const answer = encodeAnswer(HANDPAY_INFORMATION, 1, JACKPOT);
  let asked = 0;
  floor.machine(1).answers.set(HANDPAY_INFORMATION.code, () => {
    asked += 1;
    if (asked === 1) return undefined;
    return asked === 2 ? [...answer.slice(0, -1), 0x00] : [...answer];
  });
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(3_000);
  const sent = floor.sent('ALL');
  const first = sent.indexOf('01 1B');
  expect(sent.slice(first, first + 4)).toEqual(['01 1B', '01 1B', '01 1B', '80']);
  expect(floor.of('handpay')).toHaveLength(1);
});

test('the period holds between the tries', async () => {
  await using floor = await anOnlineFloor();
  const at: number[] = [];
  floor.machine(1).answers.set(HANDPAY_INFORMATION.code, () => {
    at.push(floor.clock.nowMs());
    return [0x01, 0x1b, 0x00];
  });
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(1_500);
  expect(at).toHaveLength(3);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(200);
  expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(200);
});

test('a handpay is acknowledged only once it is stored: until then nothing is sent but the same poll', async () => {
  let isAway = true;
  const report = async (made: HostReport) => {
    if (isAway && made.kind === 'handpay') throw new Error('the database is away');
  };
  await using floor = await anOnlineFloor({ machines: [1, 2], report });
  answering(floor.machine(1), HANDPAY_INFORMATION, JACKPOT);
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(6_000);
  const sent = floor.sent('ALL');
  const waiting = sent.slice(sent.indexOf('01 1B'));
  expect(waiting.length).toBeGreaterThan(3);
  expect(new Set(waiting)).toEqual(new Set(['01 1B']));
  isAway = false;
  await floor.clock.advance(6_000);
  expect(floor.sent('ALL').find((message) => message !== '01 1B')).toBe('80');
  expect(floor.of('handpay')).toHaveLength(1);
});

test('a handpay whose answer was under way when the port closed is the first to be asked again', async () => {
  await using floor = await anOnlineFloor({ machines: [1, 2] });
  let isReady = false;
  floor
    .machine(1)
    .answers.set(HANDPAY_INFORMATION.code, () =>
      isReady ? [...encodeAnswer(HANDPAY_INFORMATION, 1, JACKPOT)] : undefined,
    );
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  while (floor.port.sent.at(-1) !== '01 1B') await floor.clock.advance(1);
  floor.unplug();
  floor.sent();
  isReady = true;
  await floor.clock.advance(3_000);
  expect(floor.sent('ALL').slice(0, 2)).toEqual(['01 1B', '80']);
  expect(floor.of('handpay')).toHaveLength(1);
});

test('a handpay that was stored while the port was closed is told once', async () => {
  let store: () => void = () => {};
  const report = (made: HostReport): Promise<void> =>
    made.kind === 'handpay' ? new Promise((resolve) => (store = resolve)) : Promise.resolve();
  await using floor = await anOnlineFloor({ report });
  answering(floor.machine(1), HANDPAY_INFORMATION, JACKPOT);
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  while (floor.port.sent.at(-1) !== '01 1B') await floor.clock.advance(1);
  await floor.clock.advance(5);
  floor.unplug();
  await settled();
  store();
  await floor.clock.advance(10_000);
  expect(floor.of('handpay')).toHaveLength(1);
  expect(floor.sent('ALL').filter((message) => message === '01 1B').length).toBeGreaterThanOrEqual(2);
});

test('a machine that does not know the poll is asked three times, and never again', async () => {
  await using floor = await anOnlineFloor();
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(5_000);
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(5_000);
  expect(floor.sent().filter((message) => message === '01 1B')).toHaveLength(3);
  expect(floor.of('link').map(({ state }) => state)).toEqual(['ONLINE']);
});

test('a busy machine is asked again later, with general polls between', async () => {
  await using floor = await anOnlineFloor();
  let asked = 0;
  floor.machine(1).answers.set(HANDPAY_INFORMATION.code, () => {
    asked += 1;
    return asked > 3 ? [...encodeAnswer(HANDPAY_INFORMATION, 1, JACKPOT)] : [0x01, 0x00];
  });
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(10_000);
  expect(floor.of('handpay')).toHaveLength(1);
  const sent = floor.sent('ALL');
  for (const [at, message] of sent.entries()) if (message === '01 1B') expect(sent[at - 1]).not.toBe('01 1B');
});

test('an event in place of the answer is told, and a general poll comes before the poll is asked again', async () => {
  await using floor = await anOnlineFloor();
  let asked = 0;
  floor.machine(1).answers.set(HANDPAY_INFORMATION.code, () => {
    asked += 1;
    return asked === 1 ? frame(0x01, 0xff, 0x11) : [...encodeAnswer(HANDPAY_INFORMATION, 1, JACKPOT)];
  });
  floor.machine(1).exceptions.push(HANDPAY_PENDING);
  await floor.clock.advance(3_000);
  const sent = floor.sent('ALL');
  const first = sent.indexOf('01 1B');
  expect(sent.slice(first, first + 4)).toEqual(['01 1B', '80', '81', '01 1B']);
  expect(floor.of('exception').map(({ code }) => code)).toEqual([HANDPAY_PENDING, 0x11]);
  expect(floor.of('handpay')).toHaveLength(1);
});

test.each([
  [0x56, SAS_PROGRESSIVE_WIN, 'SAS_PROGRESSIVE'],
  [0x54, PROGRESSIVE_WIN, 'MACHINE'],
] as const)('exception %d brings the progressive win', async (code, poll, by) => {
  await using floor = await anOnlineFloor();
  answering(floor.machine(1), poll, { group: 3, level: 2, cents: 77_700n });
  floor.machine(1).exceptions.push(code);
  await floor.clock.advance(1_000);
  expect(floor.of('progressive')).toEqual([
    { kind: 'progressive', address: 1, at: expect.any(Date), by, group: 3, level: 2, cents: 77_700n },
  ]);
});

const WITH_MONEY = {
  ...NO_FEATURES,
  aft: true,
  ticketRedemption: true,
  validationStyle: 'SECURE_ENHANCED' as const,
};

test('a machine that comes online is asked what became of its money, as far as it deals in any', async () => {
  await using floor = await aScriptedFloor({ machines: [1, 2] });
  const machine = floor.machine(1);
  answering(machine, FEATURES, { game: 0, features: WITH_MONEY });
  answering(machine, AFT_TRANSFER, { form: 'SHORT', bufferPosition: 0, status: 'NO_INFORMATION' });
  answering(machine, REDEEM_TICKET, { status: 'NOTHING_TO_REPORT', ticket: null });
  answering(machine, READ_VALIDATION_RECORD, { record: null });
  await floor.clock.advance(60_000);
  expect(floor.of('transfer').map(({ address, asked }) => [address, asked])).toEqual([
    [1, { code: 'INTERROGATE', index: 0 }],
  ]);
  expect(floor.of('recovery').map(({ address, poll }) => [address, poll])).toEqual([
    [1, 'REDEEM_TICKET'],
    [1, 'READ_VALIDATION_RECORD'],
  ]);
  const sent = floor.sent();
  expect(sent).toContain('01 72 02 FF 00 0F 22');
  expect(sent).toContain('01 71 01 FF 1F D0');
  // Only looked at: reading would mark it as read.
  expect(sent.filter((message) => message.startsWith('01 4D'))).toEqual([expect.stringMatching(/^01 4D FF/)]);
  expect(sent.filter((message) => /^02 (72|71|4D)/.test(message))).toEqual([]);

  machine.isSilent = true;
  await floor.clock.advance(10_000);
  machine.isSilent = false;
  await floor.clock.advance(30_000);
  expect(floor.of('recovery')).toHaveLength(4);
  expect(floor.of('transfer')).toHaveLength(2);
});
