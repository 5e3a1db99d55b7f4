import { once } from 'node:events';
import { expect, test } from 'vitest';
import { limitTime } from '../../src/lib/time-limit.ts';
import { collect } from '../support/collect.ts';

test('what takes too long is aborted, whatever is collected meanwhile', async () => {
  using limit = limitTime(200, new AbortController().signal);
  collect();
  await once(limit.signal, 'abort');
  expect(limit.signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('who gives up says why, before and after it began', () => {
  const waiting = new AbortController();
  using begun = limitTime(60_000, waiting.signal);
  expect(begun.signal.aborted).toBe(false);
  const reason = new Error('the server stops');
  waiting.abort(reason);
  using late = limitTime(60_000, waiting.signal);
  expect([begun.signal.reason, late.signal.reason]).toEqual([reason, reason]);
});

test('what is over is not aborted any more', () => {
  const waiting = new AbortController();
  const limit = limitTime(60_000, waiting.signal);
  limit[Symbol.dispose]();
  waiting.abort();
  expect(limit.signal.aborted).toBe(false);
});

test('what goes on may take as long again, and what is over is not begun anew', async () => {
  const began = performance.now();
  using limit = limitTime(300);
  setTimeout(() => limit.renew(), 200);
  const ended = limitTime(1);
  ended[Symbol.dispose]();
  ended.renew();
  await once(limit.signal, 'abort');
  expect(performance.now() - began).toBeGreaterThan(480);
  expect(ended.signal.aborted).toBe(false);
});
