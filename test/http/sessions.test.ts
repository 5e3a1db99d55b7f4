import { afterAll, expect, test } from 'vitest';
import { createSessionConnections } from '../../src/http/connections.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { ACTOR, anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { connect } from '../support/socket-client.ts';

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});
async function aServer() {
  const api = await anApiServer();
  closing.push(() => api.http.close(1_000));
  return api;
}

const follow = (url: string, token?: string) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
  });

/** The code a stream of events ended with. */
async function codeAtEnd(response: Response): Promise<string> {
  const text = await response.text();
  const [, data = ''] = /event: next\ndata: (.*)\n\nevent: complete\ndata:\n\n$/.exec(text) ?? [];
  return JSON.parse(data).errors[0].extensions.code;
}

test('a session that ends closes its sockets and streams, and nobody else’s', async () => {
  const { http, url, ticks, port } = await aServer();
  const [mine, second, nobody] = [await connect({ port }), await connect({ port }), await connect({ port })];
  for (const client of [mine, second]) await client.init({ accessToken: 'good' });
  await nobody.init();
  for (const client of [mine, second, nobody]) client.subscribe('1', 'subscription { ticks }');
  const [stream, open] = [await follow(url, 'good'), await follow(url)];
  await eventually(() => ticks.subscribers === 5);

  http.endSession(ACTOR.sessionId);
  ticks.push(7);
  for (const client of [mine, second]) {
    expect(await client.closed()).toEqual({
      code: 4493,
      reason: 'WS_006 The session or API key was ended.',
    });
    expect(client.messages.filter(({ type }) => type === 'next')).toEqual([]);
  }
  expect(await codeAtEnd(stream)).toBe('WS_006');
  expect((await nobody.message('1', 'next')).payload).toEqual({ data: { ticks: 7 } });
  await eventually(() => ticks.subscribers === 2);
  await open.body?.cancel();
});

test('what is opened for a session while it ends is closed at once', async () => {
  const { http, url, ticks, port } = await aServer();
  http.endSession(ACTOR.sessionId);
  const client = await connect({ port });
  client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  expect(await client.closed()).toMatchObject({ code: 4493 });
  expect(await codeAtEnd(await follow(url, 'good'))).toBe('WS_006');
  await eventually(() => ticks.subscribers === 0);
});

test('a connection that has closed is not ended again, and is forgotten', async () => {
  const sessions = createSessionConnections();
  let ended = 0;
  const end = () => {
    ended += 1;
  };
  const [first, second] = [sessions.add(ACTOR, end), sessions.add(ACTOR, end)];
  first[Symbol.dispose]();
  sessions.end(ACTOR.sessionId);
  expect(ended).toBe(1);
  second[Symbol.dispose]();
  sessions.add(ACTOR, end)[Symbol.dispose]();
  sessions.add(ANONYMOUS, end);
  await Promise.resolve();
  expect(ended).toBe(1);
});
