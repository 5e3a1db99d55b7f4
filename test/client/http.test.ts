import { createServer, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createCredentials } from '../../src/client/credentials.ts';
import { SignedOutError } from '../../src/client/errors.ts';
import { ANSWER_MS, createHttp, type Fetch } from '../../src/client/http.ts';
import { createRequests } from '../../src/client/requests.ts';
import { SYSTEM_TIMERS, type Timers } from '../../src/client/timers.ts';

/** It takes whatever it is sent, and never answers. */
const sockets = new Set<Socket>();
const silent = createServer((socket) => void sockets.add(socket.on('error', () => {}).resume()));
await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
const address = silent.address();
const port = typeof address === 'object' && address ? address.port : 0;
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

/** Time stands still until it is told to go on. */
function standingTimers() {
  const waits = new Map<number, () => void>();
  const timers: Timers = {
    ...SYSTEM_TIMERS,
    after(delayMs, run) {
      waits.set(delayMs, run);
      return () => void waits.delete(delayMs);
    },
  };
  return { timers, waits };
}

const fetch = globalThis.fetch.bind(globalThis);
const url = `http://127.0.0.1:${port}/graphql`;

test('what a client asks by itself is given up when a dead connection does not answer', async () => {
  const { timers, waits } = standingTimers();
  const asked = createHttp(url, { fetch, timers }).ask({ query: '{ __typename }' }, { token: null });
  const failed = expect(asked).rejects.toThrow(new TypeError('The server does not answer.'));
  expect([...waits.keys()]).toEqual([ANSWER_MS]);
  waits.get(ANSWER_MS)?.();
  await failed;
  expect(waits.size).toBe(0);
});

test('what the caller asks has the time it takes, until he leaves it', async () => {
  const { timers, waits } = standingTimers();
  const leaving = new AbortController();
  const asked = createHttp(url, { fetch, timers }).result(
    { query: 'mutation { long }' },
    { token: null, signal: leaving.signal },
  );
  const failed = expect(asked).rejects.toThrow('left');
  expect(waits.size).toBe(0);
  leaving.abort(new Error('left'));
  await failed;
});

test('who is signed out by the time he shows another token is told so', async () => {
  const codes = ['AUTH_002', 'AUTH_009'];
  const refusing: Fetch = async () =>
    Response.json({ errors: [{ message: 'No.', extensions: { code: codes.shift() } }] });
  const http = createHttp(url, { fetch: refusing, timers: SYSTEM_TIMERS });
  const credentials = createCredentials(({ refused }) => (refused === null ? 'one' : 'another'), http);
  const asked = createRequests({ http, credentials }).ask({ query: '{ me { id } }' });
  await expect(asked).rejects.toThrow(SignedOutError);
  expect(codes).toEqual([]);
});
