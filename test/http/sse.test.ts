import { GraphQLError } from 'graphql';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { ApiKeyRevokedError, SessionRevokedError } from '../../src/auth/errors.ts';
import { SlowConsumerError } from '../../src/events/errors.ts';
import type { Subscription } from '../../src/graphql/stream.ts';
import { EventStream } from '../../src/http/sse.ts';
import { anApiServer, SECRET_DETAIL } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';

const api = await anApiServer({ limits: { ssePingIntervalMs: 50 } });
afterAll(() => api.http.close(1_000));

/** Opens a stream and keeps what it says. */
async function follow(
  query: string,
  { accept = 'text/event-stream', token }: { accept?: string; token?: string } = {},
) {
  const abort = new AbortController();
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  const state = { text: '', ended: false };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) state.text += decoder.decode(chunk, { stream: true });
    state.ended = true;
  };
  read().catch(() => {});
  return {
    response,
    abort: () => abort.abort(),
    comments: () => state.text.split('\n').filter((line) => line === ':').length,
    events: () =>
      [...state.text.matchAll(/^event: (\w+)\n(?:id: .+\n)?data:(.*)$/gm)].map(([, event, data]) => ({
        event,
        data: data ? JSON.parse(data) : null,
      })),
    ended: () => eventually(() => state.ended),
  };
}

const COST_OF_ONE = { cost: { requested: 1, maximum: 10_000 } };

test('a subscription is followed as server-sent events', async () => {
  const stream = await follow('subscription { ticks }');
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  api.ticks.push(2);
  await eventually(() => stream.events().length === 2);
  expect(stream.events()).toEqual([
    { event: 'next', data: { data: { ticks: 1 }, extensions: COST_OF_ONE } },
    { event: 'next', data: { data: { ticks: 2 } } },
  ]);
  stream.abort();
  await eventually(() => api.ticks.subscribers === 0);
});

test('comments keep an idle stream open', async () => {
  const stream = await follow('subscription { ticks }');
  await eventually(() => stream.comments() >= 4);
  stream.abort();
  await eventually(() => api.ticks.subscribers === 0);
});

test('a stream whose reader goes is freed then, not when it is written to', async () => {
  const quiet = await anApiServer({ limits: { ssePingIntervalMs: 600_000 } });
  onTestFinished(() => quiet.http.close(1_000));
  const abort = new AbortController();
  await fetch(`${quiet.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
    signal: abort.signal,
  });
  await eventually(() => quiet.ticks.subscribers === 1);
  expect(quiet.http.streamCount).toBe(1);
  abort.abort();
  await eventually(() => quiet.ticks.subscribers === 0 && quiet.http.streamCount === 0);
});

test('the token of the header says who follows, and the stream ends with it', async () => {
  const stream = await follow('subscription { me }', { token: 'short' });
  await stream.ended();
  const events = stream.events();
  expect(events.at(-2)?.data.errors[0].extensions.code).toBe('AUTH_002');
  expect(events.at(-1)).toEqual({ event: 'complete', data: null });
  expect(api.ticks.subscribers).toBe(0);
});

test('a subscription that is refused is a result without a stream', async () => {
  const stream = await follow('subscription { me }');
  await stream.ended();
  const [next, complete] = stream.events();
  expect(next?.data.errors[0].extensions.code).toBe('AUTH_001');
  expect(complete?.event).toBe('complete');
});

test('a fault in one event spoils that frame, and is logged once', async () => {
  const stream = await follow('subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  for (const tick of [-1, 5]) api.ticks.push(tick);
  await eventually(() => stream.events().length === 2);
  const [spoiled, whole] = stream.events();
  expect(spoiled?.data).toMatchObject({ data: { ticks: null }, errors: [{ message: 'Unexpected error.' }] });
  expect(whole?.data).toMatchObject({ data: { ticks: 5 } });
  stream.abort();
  await eventually(() => api.ticks.subscribers === 0);
  const { requestId } = spoiled?.data.errors[0].extensions ?? {};
  const lines = api.lines.filter((line) => line.requestId === requestId);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'error', fault: { message: SECRET_DETAIL } });
});

test('an error of the source is the last frame', async () => {
  const stream = await follow('subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.fail(new SlowConsumerError());
  await stream.ended();
  const events = stream.events();
  expect(events.map(({ event }) => event)).toEqual(['next', 'complete']);
  expect(events[0]?.data.errors[0].extensions.code).toBe('WS_004');
});

test('a query asked for as events is one event', async () => {
  const stream = await follow('{ hello }');
  await stream.ended();
  expect(stream.events()).toEqual([
    { event: 'next', data: { data: { hello: 'Hello world' }, extensions: COST_OF_ONE } },
    { event: 'complete', data: null },
  ]);
});

test('a subscription may come by GET', async () => {
  const abort = new AbortController();
  const query = encodeURIComponent('subscription { ticks }');
  const headers = { accept: 'text/event-stream' };
  const stream = await fetch(`${api.url}/graphql?query=${query}`, { headers, signal: abort.signal });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  await eventually(() => api.ticks.subscribers === 1);
  abort.abort();
  await eventually(() => api.ticks.subscribers === 0);
});

test('what is not GraphQL over HTTP is told as an event too, and does not run', async () => {
  const ways: [string, RequestInit][] = [
    [`?${new URLSearchParams({ query: 'mutation { wait }' })}`, {}],
    ['', { method: 'PUT', body: '{}' }],
    ['', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{ hello }"}' }],
    [
      '',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[{"query":"{ hello }"}]' },
    ],
    ['', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ' '.repeat(1_048_577) }],
  ];
  for (const [parameters, request] of ways) {
    const headers = { ...request.headers, accept: 'text/event-stream' };
    const response = await fetch(`${api.url}/graphql${parameters}`, { ...request, headers });
    expect(await response.text()).toMatch(
      /^event: next\ndata: {"errors":\[{.*"code":"API_001".*\n\nevent: complete\n/,
    );
  }
  expect(api.waiting()).toBe(0);
});

test('a subscription is not answered as JSON', async () => {
  const { response } = await follow('subscription { ticks }', { accept: 'application/json' });
  expect(response.status).toBe(406);
  await eventually(() => api.ticks.subscribers === 0);
});

test('a stream that is not read ends with WS_004 before its frames fill the memory', async () => {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { text(bytes: 500000) }' }),
  });
  await eventually(() => api.ticks.subscribers === 1);
  let pushed = 0;
  await eventually(() => {
    pushed += 1;
    api.ticks.push(pushed);
    return api.ticks.subscribers === 0;
  });
  const text = await response.text();
  expect(text).toMatch(/"code":"WS_004".*\n\nevent: complete\ndata:\n\n$/);
  expect(text.match(/^event: next$/gm)?.length).toBeLessThanOrEqual(pushed + 1);
});

test('each event says from where to resume, and the last says nothing of the kind', async () => {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
  });
  await eventually(() => api.ticks.subscribers === 1);
  for (const tick of [1, 2]) api.ticks.push(tick);
  api.ticks.fail(new SlowConsumerError());
  const text = await response.text();
  const ids = [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(text).not.toMatch(/id: .+\ndata: \{"errors"/);
});

test.each([new SessionRevokedError(), new ApiKeyRevokedError()])(
  'that %s is found out before its event ends a stream as the news of it does',
  async (error) => {
    const stream = new EventStream({
      errors: { requestId: '1', onCode: () => {}, onFault: () => {} },
      pingIntervalMs: 60_000,
      maxBufferedBytes: 1024 * 1024,
      onBegin: async () => {},
      onOpen: () => {},
      onClose: () => {},
    });
    const refusal = new GraphQLError(error.message, { originalError: error });
    stream.open({ next: () => Promise.reject(refusal), return: async () => {} } as unknown as Subscription);
    const text = await new Response(stream.body).text();
    expect(text).toMatch(/event: next\ndata: .*"code":"WS_006".*\n\nevent: complete\ndata:\n\n$/);
  },
);
