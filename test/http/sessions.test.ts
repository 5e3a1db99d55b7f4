import { setImmediate as endOfTurn } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SessionRevokedError } from '../../src/auth/errors.ts';
import type { Caller, OpenSocket } from '../../src/graphql/context.ts';
import { createSessionConnections, type OpenConnection } from '../../src/http/connections.ts';
import type { HttpServerOptions } from '../../src/http/server.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { DatabaseUnavailableError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { ACTOR, anApiServer, KEY_ID } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';
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

const follow = (url: string, token?: string, field = 'ticks') =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: `subscription { ${field} }` }),
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
  expect((await nobody.message('1', 'next')).payload).toMatchObject({ data: { ticks: 7 } });
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

const KEY_REVOKED = 'WS_002 The key was revoked that signed the token. Refresh it and connect again.';

test('a key that is revoked closes what is open by its tokens, and nothing else', async () => {
  const { http, url, ticks, port } = await aServer();
  const [signed, unsigned, nobody] = [
    await connect({ port }),
    await connect({ port }),
    await connect({ port }),
  ];
  await signed.init({ accessToken: 'good' });
  await unsigned.init({ realtimeToken: 'rt_good' });
  await nobody.init();
  for (const client of [signed, unsigned, nobody]) client.subscribe('1', 'subscription { ticks }');
  const [stream, open] = [await follow(url, 'good'), await follow(url)];
  await eventually(() => ticks.subscribers === 5);

  http.endSignedBy('another');
  expect(ticks.subscribers).toBe(5);
  http.endSignedBy(KEY_ID);
  ticks.push(7);
  expect(await signed.closed()).toEqual({ code: 4403, reason: KEY_REVOKED });
  expect(signed.messages.filter(({ type }) => type === 'next')).toEqual([]);
  expect(await codeAtEnd(stream)).toBe('WS_002');
  for (const client of [unsigned, nobody])
    expect((await client.message('1', 'next')).payload).toMatchObject({ data: { ticks: 7 } });
  await eventually(() => ticks.subscribers === 3);
  await open.body?.cancel();
});

test('what is opened by a token whose key is revoked meanwhile is closed at once', async () => {
  const { http, url, ticks, port } = await aServer();
  http.endSignedBy(KEY_ID);
  const client = await connect({ port });
  client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  expect(await client.closed()).toEqual({ code: 4403, reason: KEY_REVOKED });
  ticks.push(7);
  const text = await (await follow(url, 'good', 'past')).text();
  expect(text).toContain('WS_002');
  expect(text).not.toContain('"past":7');
  await eventually(() => ticks.subscribers === 0);
});

/** A server of several keys, each of which signed the token that is called like it; and the socket of who asked last. */
async function aServerOfKeys() {
  let socket: OpenSocket | undefined;
  const createContext = (caller: Caller): object => {
    socket = caller.socket;
    return { ...caller, fresh: async () => createContext(caller) };
  };
  const api = await anApiServer({
    createContext: createContext as HttpServerOptions['createContext'],
    authenticate: async (token) => ({ actor: ACTOR, expiresAt: null, keyId: token }),
  });
  closing.push(() => api.http.close(1_000));
  const client = await connect(api);
  await client.init({ accessToken: 'first' });
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  return { ...api, client, renew: async (token: string) => await socket?.renew(token) };
}

test('a socket that goes on by another token is open by the key of that one', async () => {
  const { http, ticks, client, renew } = await aServerOfKeys();
  expect(await renew('second')).toBeNull();
  http.endSignedBy('first');
  ticks.push(7);
  expect((await client.message('1', 'next')).payload).toMatchObject({ data: { ticks: 7 } });
  http.endSignedBy('second');
  expect(await client.closed()).toEqual({ code: 4403, reason: KEY_REVOKED });
});

test('no socket goes on by a token whose key is revoked while it is looked at', async () => {
  const { http, ticks, client, renew } = await aServerOfKeys();
  const renewing = renew('second');
  http.endSignedBy('second');
  await expect(renewing).rejects.toMatchObject({ name: 'SocketTokenRefusedError', code: 'WS_002' });
  ticks.push(7);
  expect((await client.message('1', 'next')).payload).toMatchObject({ data: { ticks: 7 } });
  client.socket.close();
});

test('a user who loses a right loses the streams it was for at once; their siblings go on', async () => {
  const { http, url, ticks, port, takeRights } = await aServer();
  const client = await connect({ port });
  await client.init({ accessToken: 'good' });
  client.subscribe('mine', 'subscription Mine { ...F } fragment F on Subscription { ... { mine: me } }');
  client.subscribe('ticks', 'subscription { ticks }');
  const [lost, kept] = [await follow(url, 'good', 'me'), await follow(url, 'good')];
  await eventually(() => ticks.subscribers === 4);

  takeRights();
  await http.recheckUser(newId());
  expect(ticks.subscribers).toBe(4);
  await http.recheckUser(ACTOR.userId);
  expect((await client.message('mine', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  expect(await codeAtEnd(lost)).toBe('AUTH_004');
  expect(ticks.subscribers).toBe(2);
  ticks.push(7);
  expect((await client.message('ticks', 'next')).payload).toMatchObject({ data: { ticks: 7 } });
  client.socket.close();
  await kept.body?.cancel();
});

test('a user whose session is worth nothing any more loses socket and stream with it', async () => {
  let isOver = false;
  const api = await anApiServer({
    async refreshActor(actor) {
      if (isOver) throw new SessionRevokedError();
      return actor;
    },
  });
  closing.push(() => api.http.close(1_000));
  const client = await connect(api);
  await client.init({ accessToken: 'good' });
  const stream = await follow(api.url, 'good');
  await eventually(() => api.ticks.subscribers === 1);
  isOver = true;
  await api.http.recheckUser(ACTOR.userId);
  expect(await client.closed()).toMatchObject({ code: 4493, reason: expect.stringMatching(/^WS_006 /) });
  expect(await codeAtEnd(stream)).toBe('WS_006');
});

test('a connection whose rights cannot be found out is closed, to come back', async () => {
  let isAway = false;
  const api = await anApiServer({
    async refreshActor(actor) {
      if (isAway) throw new DatabaseUnavailableError();
      return actor;
    },
  });
  closing.push(() => api.http.close(1_000));
  const client = await connect(api);
  await client.init({ accessToken: 'good' });
  client.subscribe('1', 'subscription { ticks }');
  const stream = await follow(api.url, 'good');
  await eventually(() => api.ticks.subscribers === 2);
  isAway = true;
  await expect(api.http.recheckUser(ACTOR.userId)).rejects.toThrow(DatabaseUnavailableError);
  api.ticks.push(7);
  expect(await client.closed()).toMatchObject({ code: 1013, reason: expect.stringMatching(/^SYS_002 /) });
  expect(await codeAtEnd(stream)).toBe('SYS_002');
  expect(client.messages.filter(({ type }) => type === 'next')).toEqual([]);
});

test('a stream whose right goes while it is being opened ends at once', async () => {
  const { http, ticks, port, takeRights } = await aServer();
  const client = await connect({ port });
  await client.init({ accessToken: 'good' });
  ticks.whenSubscribed(() => {
    takeRights();
    void http.recheckUser(ACTOR.userId);
  });
  client.subscribe('1', 'subscription { me }');
  expect((await client.message('1', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  await eventually(() => ticks.subscribers === 0);
  client.socket.close();
});

test('so does one of which nobody knew yet what it follows', async () => {
  const { http, ticks, port, takeRights } = await aServer();
  const client = await connect({ port });
  await client.init({ accessToken: 'good' });
  ticks.whenSubscribed(() => {
    takeRights();
    http.recheckBeginnings();
  });
  client.subscribe('1', 'subscription { me }');
  expect((await client.message('1', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  await eventually(() => ticks.subscribers === 0);
  client.socket.close();
});

/** Its rights are asked about anew behind a gate. */
async function aServerThatAsksSlowly() {
  const asking = { count: 0, gate: aGate(), error: null as Error | null };
  const createContext = (caller: Caller): object => ({
    ...caller,
    async fresh() {
      asking.count += 1;
      await asking.gate.opened;
      if (asking.error) throw asking.error;
      return createContext(caller);
    },
  });
  const api = await anApiServer({ createContext: createContext as HttpServerOptions['createContext'] });
  closing.push(() => api.http.close(1_000));
  return { ...api, asking };
}

test('a stream whose right goes while it is being opened is shown nothing that happens later', async () => {
  const { http, url, port, ticks, takeRights, asking } = await aServerThatAsksSlowly();
  const client = await connect({ port });
  await client.init({ accessToken: 'good' });
  ticks.whenSubscribed(() => http.recheckBeginnings());
  client.subscribe('1', 'subscription { me }');
  await eventually(() => asking.count === 1);
  ticks.whenSubscribed(() => http.recheckBeginnings());
  const stream = follow(url, 'good', 'me');
  await eventually(() => asking.count === 2);

  takeRights();
  ticks.push(7);
  await endOfTurn();
  asking.gate.open();
  expect((await client.message('1', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  expect(client.messages.filter(({ type }) => type === 'next')).toEqual([]);
  const text = await (await stream).text();
  expect(text).toContain('AUTH_004');
  expect(text).not.toContain(ACTOR.userId);
  await eventually(() => ticks.subscribers === 0);
  client.socket.close();
});

test('a stream of which nobody can find out whether it may still be opened is not opened', async () => {
  const { http, url, port, ticks, asking } = await aServerThatAsksSlowly();
  asking.error = new DatabaseUnavailableError();
  asking.gate.open();
  const client = await connect({ port });
  await client.init({ accessToken: 'good' });
  ticks.whenSubscribed(() => http.recheckBeginnings());
  client.subscribe('1', 'subscription { me }');
  expect((await client.message('1', 'error')).payload[0].extensions.code).toBe('SYS_002');
  ticks.whenSubscribed(() => http.recheckBeginnings());
  expect(await (await follow(url, 'good', 'me')).text()).toContain('SYS_002');
  await eventually(() => ticks.subscribers === 0);
  client.socket.close();
});

test('a session that ends while a stream of it is being opened is shown nothing of what it missed', async () => {
  const { http, url, ticks } = await aServer();
  ticks.push(7);
  ticks.whenSubscribed(() => http.endSession(ACTOR.sessionId));
  const text = await (await follow(url, 'good', 'past')).text();
  expect(text).toContain('WS_006');
  expect(text).not.toContain('"past":7');
  await eventually(() => ticks.subscribers === 0);
});

test('a connection that has closed is not ended again, and is forgotten', async () => {
  const sessions = createSessionConnections(async (actor) => actor);
  let ended = 0;
  const connection = (id: string): OpenConnection => ({
    id,
    transport: 'WEBSOCKET',
    client: {},
    openedAt: new Date(),
    expiresAt: null,
    keyId: null,
    operations: 0,
    subscriptions: 0,
    channels: [],
    end() {
      ended += 1;
    },
    async recheck() {},
  });
  const [first, second] = [sessions.add(ACTOR, connection('1')), sessions.add(ACTOR, connection('2'))];
  first[Symbol.dispose]();
  sessions.end(ACTOR.sessionId);
  expect(ended).toBe(1);
  second[Symbol.dispose]();
  sessions.add(ACTOR, connection('3'))[Symbol.dispose]();
  expect([...sessions.list()]).toEqual([]);
  sessions.add(ANONYMOUS, connection('4'));
  await Promise.resolve();
  expect(ended).toBe(1);
});
