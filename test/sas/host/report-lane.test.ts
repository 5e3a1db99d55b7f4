import { expect, test } from 'vitest';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { ReportLane } from '../../../src/sas/host/report-lane.ts';
import { aManualClock } from './manual-clock.ts';

const at = new Date(0);
const link = (state: 'ONLINE' | 'OFFLINE'): HostReport => ({
  kind: 'link',
  address: 1,
  state,
  cause: state === 'ONLINE' ? null : 'SILENT',
  at,
});
const exception = (code: number): HostReport => ({
  kind: 'exception',
  address: 1,
  at,
  code,
  data: null,
  realTime: false,
});
const meters = (credits: bigint): HostReport => ({
  kind: 'meters',
  address: 1,
  at,
  values: new Map([[0x0c, { value: credits, bcdBytes: 4 }]]),
});

function aLane(behind?: ReportLane) {
  const clock = aManualClock();
  const taken: HostReport[] = [];
  const consumer = { failures: 0, calls: 0, errors: 0 };
  const lane = new ReportLane({
    clock,
    random: () => 0.5,
    onError: () => {
      consumer.errors += 1;
    },
    async report(made) {
      consumer.calls += 1;
      if (consumer.failures > 0) {
        consumer.failures -= 1;
        throw new Error('away');
      }
      taken.push(made);
    },
    ...(behind && { behind }),
  });
  return { lane, clock, taken, consumer };
}

test('a report that fails is tried again, later and later, until it is taken', async () => {
  const { lane, clock, taken, consumer } = aLane();
  consumer.failures = 5;
  const delivered = lane.deliver(exception(0x11));
  await clock.advance(1_000);
  expect(consumer.calls).toBeLessThan(6);
  await clock.advance(10_000);
  expect(await delivered).toBe(true);
  expect(taken).toEqual([exception(0x11)]);
  expect(consumer.errors).toBe(5);
});

test('a newer state takes the place of the one that waits, so nobody is told of a past that is over', async () => {
  const { lane, clock, taken, consumer } = aLane();
  consumer.failures = 3;
  const first = lane.deliver(link('ONLINE'));
  await clock.advance(1);
  const outcomes = [first, lane.deliver(link('OFFLINE')), lane.deliver(link('ONLINE'))];
  await clock.advance(60_000);
  expect(taken).toEqual([link('ONLINE')]);
  expect(await Promise.all(outcomes)).toEqual([false, true, true]);
});

test('exceptions are never replaced', async () => {
  const { lane, clock, taken } = aLane();
  void lane.deliver(exception(0x11));
  void lane.deliver(exception(0x11));
  void lane.deliver(exception(0x12));
  await clock.advance(1);
  expect(taken).toEqual([exception(0x11), exception(0x11), exception(0x12)]);
});

test('whoever delivers as soon as something was taken is served too', async () => {
  const { lane, clock, taken } = aLane();
  const both = lane.deliver(exception(0x11)).then(() => lane.deliver(exception(0x12)));
  await clock.advance(1);
  expect(await both).toBe(true);
  expect(taken).toHaveLength(2);
});

test('meters are tried once', async () => {
  const { lane, clock, taken, consumer } = aLane();
  consumer.failures = 1;
  const delivered = lane.deliver(meters(1n));
  await clock.advance(60_000);
  expect(await delivered).toBe(false);
  expect(taken).toEqual([]);
});

test('meters wait for the state of their machine, which does not wait for them', async () => {
  const state = aLane();
  const values = aLane(state.lane);
  state.consumer.failures = 1;
  void state.lane.deliver(link('ONLINE'));
  void values.lane.deliver(meters(1n));
  await values.clock.advance(1);
  expect(values.taken).toEqual([]);
  await state.clock.advance(1_000);
  await values.clock.advance(1);
  expect(values.taken).toEqual([meters(1n)]);
});

test('a lane that closes gives up what waits, and takes nothing more', async () => {
  const { lane, clock, consumer } = aLane();
  consumer.failures = 100;
  const waiting = [lane.deliver(exception(0x11)), lane.deliver(link('ONLINE'))];
  await clock.advance(500);
  await lane.close();
  expect(await Promise.all(waiting)).toEqual([false, false]);
  expect(await lane.deliver(link('OFFLINE'))).toBe(false);
});
