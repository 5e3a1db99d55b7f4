import { describe, expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { FEATURES } from '../../../src/sas/codec/long-polls/identity.ts';
import { interrogateAft, sendAftTransfer } from '../../../src/sas/host/aft-commands.ts';
import { newLineMemory } from '../../../src/sas/host/line-memory.ts';
import { HostStoppedError } from '../../../src/sas/host/queued-command.ts';
import type { HostReport, TransferReport } from '../../../src/sas/host/report.ts';
import type { FirstService } from '../../../src/sas/host/service.ts';
import { anOrder, aReply } from './aft-orders.ts';
import { settled } from './manual-clock.ts';
import {
  answering,
  aScriptedFloor,
  type ScriptedFloor,
  type ScriptedFloorOptions,
} from './scripted-floor.ts';

const AFT = { ...NO_FEATURES, aft: true };

/** A store that a test opens and closes. */
function aStore() {
  const taken: TransferReport[] = [];
  let waiting: (() => void)[] = [];
  let isOpen = true;
  let isBroken = false;
  return {
    taken,
    close: () => {
      isOpen = false;
    },
    open() {
      isOpen = true;
      for (const each of waiting.splice(0)) each();
    },
    breakDown: (now: boolean) => {
      isBroken = now;
    },
    async report(made: HostReport): Promise<void> {
      if (made.kind !== 'transfer') return;
      if (isBroken) throw new Error('the database is away');
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
      taken.push(made);
      waiting = [];
    },
  };
}

async function anAftFloor(options: ScriptedFloorOptions = {}): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor(options);
  answering(floor.machine(1), FEATURES, { game: 0, features: AFT });
  answering(floor.machine(1), AFT_TRANSFER, { form: 'SHORT', bufferPosition: 0, status: 'NO_INFORMATION' });
  await floor.clock.advance(20_000);
  answering(floor.machine(1), AFT_TRANSFER, aReply());
  floor.sent('ALL');
  return floor;
}

const untilTransfer = (messages: readonly string[]): string[] => {
  const first = messages.findIndex((message) => message.startsWith('01 72'));
  return first < 0 ? [] : messages.slice(first);
};

describe('an answer about a transfer', () => {
  test('is on record before anything is sent that acknowledges it', async () => {
    const store = aStore();
    await using floor = await anAftFloor({ machines: [1, 2], report: store.report });
    store.taken.length = 0;
    store.close();
    const sent = sendAftTransfer(floor.host, 1, anOrder());
    await floor.clock.advance(4_500);
    const before = untilTransfer(floor.sent('ALL'));
    expect(before.length).toBeGreaterThan(3);
    expect(new Set(before).size).toBe(1);
    expect(store.taken).toEqual([]);

    store.open();
    await floor.clock.advance(1_000);
    expect(await sent).toMatchObject({ kind: 'SETTLED' });
    expect(store.taken).toEqual([
      expect.objectContaining({
        address: 1,
        attempts: 1,
        answer: aReply(),
        asked: expect.objectContaining({ code: 'FULL', transactionId: 'FW-1' }),
      }),
    ]);
    expect(floor.sent('ALL')[0]).toBe('80');
  });

  test('is not acknowledged while it cannot be stored, and is stored once that works again', async () => {
    const store = aStore();
    await using floor = await anAftFloor({ report: store.report });
    store.taken.length = 0;
    store.breakDown(true);
    const sent = interrogateAft(floor.host, 1, anOrder());
    await floor.clock.advance(20_000);
    expect(new Set(untilTransfer(floor.sent('ALL'))).size).toBe(1);
    store.breakDown(false);
    await floor.clock.advance(6_000);
    expect(await sent).toMatchObject({ kind: 'SETTLED' });
    expect(store.taken).toHaveLength(1);
  });

  test('that was not stored when the port closed is asked for first, and stored, when it is open again', async () => {
    const store = aStore();
    await using floor = await anAftFloor({ machines: [1, 2], report: store.report });
    store.taken.length = 0;
    store.close();
    const sent = sendAftTransfer(floor.host, 1, anOrder());
    await floor.clock.advance(2_000);
    floor.unplug();
    floor.sent('ALL');
    store.open();
    await floor.clock.advance(3_000);
    // It was on record when the port was closed, but the machine has not heard so.
    expect(await sent).toMatchObject({ kind: 'SETTLED' });
    expect(floor.sent('ALL').slice(0, 2)).toEqual(['01 72 02 FF 00 0F 22', '80']);
    expect(store.taken.map(({ asked }) => asked?.code ?? null)).toEqual(['FULL', null]);
  });

  test('that was never heard before the port closed is asked for first, too', async () => {
    const store = aStore();
    await using floor = await anAftFloor({ report: store.report });
    store.taken.length = 0;
    floor.machine(1).answers.set(AFT_TRANSFER.code, () => undefined);
    const sent = sendAftTransfer(floor.host, 1, anOrder());
    await floor.clock.advance(50);
    floor.unplug();
    answering(floor.machine(1), AFT_TRANSFER, aReply());
    floor.sent('ALL');
    await floor.clock.advance(3_000);
    expect(await sent).toEqual({ kind: 'UNKNOWN', failure: 'OFFLINE', attempts: 1 });
    expect(floor.sent('ALL').slice(0, 2)).toEqual(['01 72 02 FF 00 0F 22', '80']);
    expect(store.taken).toEqual([expect.objectContaining({ asked: null, answer: aReply() })]);
  });

  test('that was not stored when the host ends is not acknowledged, and the next host asks for it first', async () => {
    const store = aStore();
    const memory = newLineMemory();
    {
      await using floor = await anAftFloor({ memory, report: store.report });
      store.breakDown(true);
      const sent = sendAftTransfer(floor.host, 1, anOrder());
      const failed = expect(sent).rejects.toThrow(HostStoppedError);
      await floor.clock.advance(2_000);
      floor.sent('ALL');
      const disposed = floor.host[Symbol.asyncDispose]();
      await floor.clock.advance(10_000);
      await disposed;
      await failed;
      expect(floor.sent('ALL')).not.toContain('80');
    }
    store.breakDown(false);
    store.taken.length = 0;
    await using floor = await aScriptedFloor({ memory, report: store.report });
    answering(floor.machine(1), AFT_TRANSFER, aReply());
    await floor.clock.advance(1_000);
    const sent = floor.sent('ALL');
    expect(new Set(sent.slice(0, sent.indexOf('80')))).toEqual(new Set(['01 72 02 FF 00 0F 22']));
    expect(store.taken).toHaveLength(1);
  });

  test('is asked for by the host itself when the machine says that a transfer is complete', async () => {
    const store = aStore();
    await using floor = await anAftFloor({ report: store.report });
    store.taken.length = 0;
    floor.machine(1).exceptions.push(0x69);
    await floor.clock.advance(1_000);
    expect(store.taken).toEqual([
      expect.objectContaining({ asked: { code: 'INTERROGATE', index: 0 }, answer: aReply() }),
    ]);
    expect(floor.of('exception').map(({ code }) => code)).toEqual([0x69]);
  });

  test('that makes no sense is nothing to store, and the caller is told', async () => {
    const store = aStore();
    await using floor = await anAftFloor({ report: store.report });
    store.taken.length = 0;
    floor.machine(1).answers.set(AFT_TRANSFER.code, () => [0x01, 0x72, 0x01, 0x00, 0xcf, 0x2f]);
    const sent = sendAftTransfer(floor.host, 1, anOrder());
    await floor.clock.advance(10_000);
    expect(await sent).toMatchObject({ kind: 'UNKNOWN', failure: 'DAMAGED' });
    expect(store.taken).toEqual([]);
  });
});

test.each([0x69, 0x6a, 0x6b, 0x6f])('exception %d of transfers is reported in its order', async (code) => {
  await using floor = await anAftFloor();
  floor.machine(1).exceptions.push(0x11, code, 0x12);
  await floor.clock.advance(5_000);
  expect(floor.of('exception').map(({ code: told }) => told)).toEqual([0x11, code, 0x12]);
});

/** Before service: a call for each time a machine comes online, that a test ends. */
function aDesk() {
  const calls: { readonly address: number; readonly first: FirstService; end(error?: Error): void }[] = [];
  const beforeService = (address: number, first: FirstService) =>
    new Promise<void>((resolve, reject) => {
      calls.push({ address, first, end: (error) => (error ? reject(error) : resolve()) });
    });
  return { calls, beforeService };
}

const asked = (floor: ScriptedFloor, address: number): string[] =>
  floor.sent().filter((message) => message.startsWith(`0${address} `));

describe('before service', () => {
  test('a machine hears general polls and what goes first, and nothing else', async () => {
    const { calls, beforeService } = aDesk();
    await using floor = await aScriptedFloor({ machines: [1, 2], beforeService });
    answering(floor.machine(1), AFT_TRANSFER, aReply());
    floor.machine(1).answers.set(SHUTDOWN.code, () => [0x01]);
    const locked = floor.host.execute(1, SHUTDOWN, {});
    await floor.clock.advance(10_000);
    calls.find(({ address }) => address === 2)?.end();
    await floor.clock.advance(10_000);
    const sent = floor.sent();
    expect(sent.filter((message) => message.startsWith('01'))).toEqual([]);
    expect(sent.filter((message) => message === '81').length).toBeGreaterThan(20);
    // Another machine of the line is served meanwhile.
    expect(sent.some((message) => message.startsWith('02 A0'))).toBe(true);
    expect(floor.of('link').map(({ address, state }) => [address, state])).toContainEqual([1, 'ONLINE']);

    const call = calls.find(({ address }) => address === 1);
    const found = call && interrogateAft(call.first, 1, anOrder());
    await floor.clock.advance(1_000);
    expect(await found).toMatchObject({ kind: 'SETTLED' });
    expect(asked(floor, 1)).toEqual(['01 72 02 FF 00 0F 22']);
    expect(() => call?.first.execute(2, SHUTDOWN, {})).toThrow(RangeError);

    call?.end();
    await floor.clock.advance(5_000);
    expect(await locked).toMatchObject({ outcome: 'ACK' });
    const served = asked(floor, 1);
    expect(served[0]).toMatch(/^01 01/);
    expect(served.some((message) => message.startsWith('01 A0'))).toBe(true);
    expect(floor.of('identity').map(({ address }) => address)).toContain(1);
  });

  test('it is asked again while it fails', async () => {
    const { calls, beforeService } = aDesk();
    await using floor = await aScriptedFloor({ beforeService });
    await floor.clock.advance(2_000);
    for (const call of calls) call.end(new Error('the database is away'));
    await floor.clock.advance(6_000);
    expect(calls).toHaveLength(2);
    expect(asked(floor, 1)).toEqual([]);
    calls[1]?.end();
    await floor.clock.advance(2_000);
    expect(calls).toHaveLength(2);
    expect(asked(floor, 1)).not.toEqual([]);
  });

  test('a machine that goes away answers it OFFLINE, and is held anew when it is back', async () => {
    const { calls, beforeService } = aDesk();
    await using floor = await aScriptedFloor({ beforeService });
    await floor.clock.advance(2_000);
    floor.machine(1).isSilent = true;
    await floor.clock.advance(5_000);
    const found = calls[0] && interrogateAft(calls[0].first, 1, anOrder());
    expect(await found).toEqual({ kind: 'NOT_SENT' });
    floor.machine(1).isSilent = false;
    await floor.clock.advance(10_000);
    // The call before has not ended: a machine never has two of them.
    expect(calls).toHaveLength(1);
    expect(asked(floor, 1).filter((message) => !message.startsWith('01 0E'))).toEqual([]);
    calls[0]?.end();
    await floor.clock.advance(2_000);
    expect(calls).toHaveLength(2);
    expect(asked(floor, 1)).toEqual([]);
    calls[1]?.end();
    await floor.clock.advance(2_000);
    expect(asked(floor, 1)).not.toEqual([]);
  });

  test('the host ends even so, once what it is asked for has ended', async () => {
    const { calls, beforeService } = aDesk();
    const floor = await aScriptedFloor({ beforeService });
    await floor.clock.advance(2_000);
    let hasEnded = false;
    const disposed = floor.host[Symbol.asyncDispose]().then(() => {
      hasEnded = true;
    });
    await floor.clock.advance(1_000);
    await settled();
    expect(hasEnded).toBe(false);
    calls[0]?.end();
    await disposed;
  });
});
