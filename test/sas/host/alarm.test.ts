import { expect, test } from 'vitest';
import { Alarm } from '../../../src/sas/host/alarm.ts';
import { aManualClock } from './manual-clock.ts';

/** `seen` says when it rang, from here, how many timers were started, and how many of them still run. */
function anAlarm() {
  const clock = aManualClock();
  const startMs = clock.nowMs();
  const seen = { rangAtMs: [] as number[], timers: 0, running: 0 };
  const counted = {
    ...clock,
    setTimer(ms: number, fn: () => void): Disposable {
      seen.timers += 1;
      seen.running += 1;
      const timer = clock.setTimer(ms, () => {
        seen.running -= 1;
        fn();
      });
      return {
        [Symbol.dispose]() {
          seen.running -= 1;
          timer[Symbol.dispose]();
        },
      };
    },
  };
  const alarm = new Alarm(counted, () => seen.rangAtMs.push(clock.nowMs() - startMs));
  return { alarm, clock, seen };
}

test('an alarm rings once, when its time has come', async () => {
  const { alarm, clock, seen } = anAlarm();
  alarm.set(40);
  await clock.advance(39);
  expect(seen.rangAtMs).toEqual([]);
  await clock.advance(1_000);
  expect(seen.rangAtMs).toEqual([40]);
});

test('a stopped alarm does not ring', async () => {
  const { alarm, clock, seen } = anAlarm();
  alarm.set(40);
  alarm.stop();
  await clock.advance(1_000);
  expect(seen.rangAtMs).toEqual([]);
});

test('an alarm set anew rings at the new time alone, be it later or sooner', async () => {
  const { alarm, clock, seen } = anAlarm();
  alarm.set(40);
  await clock.advance(30);
  alarm.set(40);
  await clock.advance(30);
  alarm.set(5);
  await clock.advance(1_000);
  expect(seen.rangAtMs).toEqual([65]);
});

test('an alarm that has rung can be set again', async () => {
  const { alarm, clock, seen } = anAlarm();
  alarm.set(40);
  await clock.advance(50);
  alarm.set(40);
  await clock.advance(50);
  expect(seen.rangAtMs).toEqual([40, 90]);
});

test('a hundred polls answered in time cost two timers', async () => {
  const { alarm, clock, seen } = anAlarm();
  for (let poll = 0; poll < 100; poll += 1) {
    alarm.set(200);
    await clock.advance(3);
    alarm.stop();
  }
  expect(seen).toMatchObject({ rangAtMs: [], timers: 2 });
});

test('an alarm that is disposed of leaves no timer behind', async () => {
  const { alarm, clock, seen } = anAlarm();
  alarm.set(40);
  expect(seen.running).toBe(1);
  alarm[Symbol.dispose]();
  expect(seen.running).toBe(0);
  await clock.advance(1_000);
  expect(seen.rangAtMs).toEqual([]);
});
