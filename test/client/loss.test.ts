import { expect, test } from 'vitest';
import { DEFAULT_BACKOFF, delayBefore } from '../../src/client/backoff.ts';
import { RefusedError } from '../../src/client/errors.ts';
import { askedDelayMs, finalErrorOf, isAccessRevoked, revokedErrorOf } from '../../src/client/loss.ts';
import { fastTimers } from '../support/fast-timers.ts';

const loss = (code: number, reason = '', error: unknown = null) => ({ end: { code, reason }, error });
const standing = { facts: null, policy: DEFAULT_BACKOFF, failures: 0 };

test.each([
  [4492, 'WS_005 The user has too many sockets. Try again in 17 s.', 17_000],
  [4492, 'WS_005 Too many connections are open. Wait before the next try.', 0],
  [1006, 'back in 17 s', 0],
])('%d "%s" asks to wait %d ms', (code, reason, ms) => {
  expect(askedDelayMs(loss(code, reason))).toBe(ms);
});

test('who is told over HTTP how long to wait, before there is a socket, waits as long', () => {
  const limited = { code: 'API_005', retryable: true, details: { retryAfterMs: 20_000 } };
  const error = new RefusedError([{ message: 'That was too often.', extensions: limited }]);
  expect(askedDelayMs(loss(1006, '', error))).toBe(20_000);
});

test('an ended session is final, a token that is refused again and again as well', () => {
  expect([loss(4493), loss(4403), loss(1006)].map(isAccessRevoked)).toEqual([true, false, false]);
  const error = revokedErrorOf(loss(4493).end, false);
  expect(error).toMatchObject({ name: 'SignedOutError', code: 'WS_006' });
  expect(finalErrorOf(loss(4403), standing)).toBeNull();
  expect(finalErrorOf(loss(4403), { ...standing, failures: 5 })).toMatchObject({ code: 'WS_002' });
  const revoked = new RefusedError([{ message: 'over', extensions: { code: 'AUTH_012' } }]);
  expect(finalErrorOf(loss(1006, '', revoked), standing)).toMatchObject({ code: 'AUTH_012' });
});

test('a connection that was only lost is not', () => {
  for (const code of [1000, 1001, 1006, 1012, 1013, 4408, 4491, 4492])
    expect(finalErrorOf(loss(code), standing)).toBeNull();
});

test('no wait is longer than the longest', () => {
  expect(delayBefore(40, DEFAULT_BACKOFF, fastTimers())).toBe(30_000);
});
