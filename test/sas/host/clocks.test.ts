import { expect, test } from 'vitest';
import type { SasDateTime } from '../../../src/sas/codec/date-time.ts';
import { DATE_TIME, READ_DATE_TIME } from '../../../src/sas/codec/long-polls/control.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { utcTime } from '../../../src/sas/host/machine-clock.ts';
import { settled } from './manual-clock.ts';
import { answering, aScriptedFloor, hex, type ScriptedFloor } from './scripted-floor.ts';

const localTime = { at: utcTime, driftLimitSeconds: 30 };

/** The machine's clock goes right, but for so much. */
function showing(floor: ScriptedFloor, address: number, aheadSeconds: number): void {
  floor.machine(address).answers.set(READ_DATE_TIME.code, () => {
    answering(floor.machine(address), READ_DATE_TIME, {
      time: utcTime(new Date(floor.clock.date().getTime() + aheadSeconds * 1_000)),
    });
    const answer = floor.machine(address).answers.get(READ_DATE_TIME.code)?.(`0${address} 7E`);
    showing(floor, address, aheadSeconds);
    return answer;
  });
}

const settings = (messages: readonly string[]) => messages.filter((message) => / 7F /.test(message));

test('clocks are left alone where no local time is given', async () => {
  await using floor = await aScriptedFloor();
  showing(floor, 1, 500);
  await floor.clock.advance(20_000);
  expect(floor.sent().filter((message) => /^01 7[EF]/.test(message))).toEqual([]);
});

test('a clock that is right is told and left alone', async () => {
  await using floor = await aScriptedFloor({ localTime });
  showing(floor, 1, -30);
  await floor.clock.advance(20_000);
  expect(floor.of('clock')).toMatchObject([{ address: 1, driftSeconds: -30, isBeingSet: false }]);
  expect(settings(floor.sent())).toEqual([]);
});

test.each([31, -31])('a clock that is %d seconds off is set once', async (aheadSeconds) => {
  await using floor = await aScriptedFloor({ localTime, machines: [1, 2] });
  showing(floor, 1, aheadSeconds);
  showing(floor, 2, 0);
  await floor.clock.advance(20_000);
  expect(floor.of('clock').find(({ address }) => address === 1)).toMatchObject({
    driftSeconds: aheadSeconds,
    isBeingSet: true,
  });
  expect(settings(floor.sent())).toEqual([expect.stringMatching(/^01 7F 01 01 20 25 00 00 /)]);
});

test('a clock that shows nothing of the calendar is set', async () => {
  await using floor = await aScriptedFloor({ localTime });
  answering(floor.machine(1), READ_DATE_TIME, { time: null });
  await floor.clock.advance(20_000);
  // The second is the look at whether it helped.
  expect(floor.of('clock')).toMatchObject([
    { shown: null, driftSeconds: null, isOff: true, isBeingSet: true },
    { shown: null, driftSeconds: null, isOff: true, isBeingSet: false },
  ]);
  expect(settings(floor.sent())).toHaveLength(1);
});

test('clocks are looked at again every hour, and when the machine comes back', async () => {
  await using floor = await aScriptedFloor({ localTime, timing: { clockIntervalMs: 100_000 } });
  showing(floor, 1, 0);
  await floor.clock.advance(250_000);
  expect(floor.of('clock')).toHaveLength(3);
  floor.machine(1).isSilent = true;
  await floor.clock.advance(10_000);
  floor.machine(1).isSilent = false;
  await floor.clock.advance(20_000);
  expect(floor.of('clock')).toHaveLength(4);
});

test('a clock is looked at at once when what it should show has changed, and once more after it was set', async () => {
  let aheadMs = 0;
  const zone = (date: Date) => utcTime(new Date(date.getTime() + aheadMs));
  await using floor = await aScriptedFloor({ localTime: { at: zone, driftLimitSeconds: 30 } });
  showing(floor, 1, 0);
  await floor.clock.advance(20_000);
  expect(floor.of('clock')).toMatchObject([{ driftSeconds: 0, isOff: false }]);
  aheadMs = 3_600_000;
  floor.machine(1).answers.set(DATE_TIME.code, () => {
    showing(floor, 1, 3_600);
    return [0x01];
  });
  floor.host.checkClocks();
  await floor.clock.advance(5_000);
  expect(floor.of('clock').slice(1)).toMatchObject([
    { driftSeconds: -3_600, isOff: true, isBeingSet: true },
    { driftSeconds: 0, isOff: false, isBeingSet: false },
  ]);
});

const at = (time: SasDateTime) => hex(encodeRequest(DATE_TIME, 1, time));

test('a clock is set to the local time of the moment it is sent, not of the wish', async () => {
  const zone = (date: Date) => utcTime(new Date(date.getTime() + 3_600_000));
  await using floor = await aScriptedFloor({ localTime: { at: zone, driftLimitSeconds: 30 } });
  await floor.clock.advance(20_000);
  let isLost = true;
  floor.machine(1).answers.set(DATE_TIME.code, () => {
    if (!isLost) return [0x01];
    isLost = false;
    return undefined;
  });
  const count = floor.port.sent.length;
  while (floor.port.sent.length === count) await floor.clock.advance(1);
  floor.sent();
  const done = floor.host.setClock(1);
  let sentAt = floor.clock.date();
  while (settings(floor.port.sent).length === 0) {
    await floor.clock.advance(1);
    sentAt = floor.clock.date();
  }
  await floor.clock.advance(3_000);
  expect(await done).toMatchObject({ outcome: 'ACK', attempts: 2 });
  // A repetition asks for the same answer, so it says the same.
  expect(settings(floor.sent())).toEqual([at(zone(sentAt)), at(zone(sentAt))]);
});

test('all clocks of a line are set by one message that nobody answers', async () => {
  await using floor = await aScriptedFloor({ machines: [1, 2] });
  await floor.clock.advance(20_000);
  floor.sent();
  const done = floor.host.broadcastClock();
  await floor.clock.advance(300);
  expect(await done).toBe(true);
  expect(settings(floor.sent())).toEqual([expect.stringMatching(/^00 7F 01 01 20 25 /)]);
  expect(floor.host.statistics().broadcasts).toBe(1);
});

test('nothing is said to a line that is down', async () => {
  await using floor = await aScriptedFloor();
  await floor.clock.advance(1_000);
  floor.unplug();
  await settled();
  expect(await floor.host.broadcastClock()).toBe(false);
});
