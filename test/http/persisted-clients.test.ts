import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, createRequest, fetchExchange, makeOperation, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { Kind, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { anApiServer } from '../support/api-server.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { sha256 } from '../support/document-ways.ts';

/** Stock clients with what each of them has for persisted queries: they send a text once for everybody. */
const api = await anApiServer();
afterAll(() => api.http.close(1_000));
const url = `${api.url}/graphql`;

interface Sent {
  readonly method: string;
  readonly hasText: boolean;
  readonly status: number;
}

/** `fetch`, and what went over it. */
function recordingFetch() {
  const sent: Sent[] = [];
  const recording: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const parameters = new URL(String(input)).searchParams;
    const { query } = init?.body ? JSON.parse(String(init.body)) : { query: parameters.get('query') };
    sent.push({ method: init?.method ?? 'GET', hasText: Boolean(query), status: response.status });
    return response;
  };
  return { sent, fetch: recording };
}

function apolloOver(fetch: typeof globalThis.fetch, useGETForHashedQueries: boolean) {
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries });
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: persisted.concat(new HttpLink({ uri: url, fetch })),
  });
}

test.each([
  ['POST', false, 'A'],
  ['GET', true, 'B'],
])('Apollo Client sends a text once, and hashes by %s', async (method, useGet, name) => {
  const query = parse(`query Apollo${name}($name: String) { hello(name: $name) }`);
  const first = recordingFetch();
  const { data } = await apolloOver(first.fetch, useGet).query({ query, variables: { name: 'Ada' } });
  expect(data).toEqual({ hello: 'Hello Ada' });
  expect(first.sent).toEqual([
    { method, hasText: false, status: 404 },
    { method: 'POST', hasText: true, status: 200 },
  ]);
  const later = recordingFetch();
  const again = await apolloOver(later.fetch, useGet).query({ query, variables: { name: 'Bo' } });
  expect(again.data).toEqual({ hello: 'Hello Bo' });
  expect(later.sent).toEqual([{ method, hasText: false, status: 200 }]);
});

test('Apollo Client mutates by the hash, never by GET', async () => {
  const mutation = parse('mutation ApolloTouch { touch }');
  for (const texts of [[false, true], [false]]) {
    const { fetch, sent } = recordingFetch();
    const { data } = await apolloOver(fetch, true).mutate({ mutation });
    expect(data).toEqual({ touch: 1 });
    expect(sent.map(({ method, hasText }) => [method, hasText])).toEqual(texts.map((has) => ['POST', has]));
  }
});

test('what Apollo Client is refused for another reason it does not send again', async () => {
  const { fetch, sent } = recordingFetch();
  const query = parse('query ApolloMissing { missing }');
  await apolloOver(fetch, false).query({ query, errorPolicy: 'all' });
  const again = await apolloOver(fetch, false).query({ query, errorPolicy: 'all' });
  expect(again.error).toMatchObject({ errors: [{ extensions: { code: 'API_002' } }] });
  expect(sent.map(({ hasText }) => hasText)).toEqual([false, true, false]);
});

test('Apollo Client follows over a socket with text and hash', async () => {
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket });
  const link = new PersistedQueryLink({ sha256 }).concat(new GraphQLWsLink(client));
  const apollo = new ApolloClient({ cache: new InMemoryCache(), link });
  const heard: unknown[] = [];
  const stream = apollo.subscribe({ query: parse('subscription ApolloTicks { ticks }') });
  const subscription = stream.subscribe(({ data }) => void heard.push(data));
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(3);
  await eventually(() => heard.length === 1);
  expect(heard).toEqual([{ ticks: 3 }]);
  subscription.unsubscribe();
  await client.dispose();
  await eventually(() => api.ticks.subscribers === 0);
});

const urqlOver = (fetch: typeof globalThis.fetch, options: Parameters<typeof persistedExchange>[0]) =>
  new Client({ url, fetch, exchanges: [persistedExchange(options), fetchExchange] });

test.each([
  ['GET', { preferGetForPersistedQueries: true }, 'A'],
  ['POST', { preferGetForPersistedQueries: false }, 'B'],
] as const)('urql sends a text once, and hashes by %s', async (method, options, name) => {
  const query = parse(`query Urql${name}($name: String) { hello(name: $name) }`);
  const first = recordingFetch();
  const { data } = await urqlOver(first.fetch, options).query(query, { name: 'Ada' });
  expect(data).toEqual({ hello: 'Hello Ada' });
  expect(first.sent).toEqual([
    { method, hasText: false, status: 404 },
    { method, hasText: true, status: 200 },
  ]);
  const later = recordingFetch();
  const again = await urqlOver(later.fetch, options).query(query, { name: 'Bo' });
  expect(again.data).toEqual({ hello: 'Hello Bo' });
  expect(later.sent).toEqual([{ method, hasText: false, status: 200 }]);
});

test('urql mutates by the hash where it is told to', async () => {
  const mutation = parse('mutation UrqlTouch { touch }');
  for (const texts of [[false, true], [false]]) {
    const { fetch, sent } = recordingFetch();
    const { data } = await urqlOver(fetch, { enableForMutation: true }).mutation(mutation, {});
    expect(data).toEqual({ touch: 1 });
    expect(sent.map(({ method, hasText }) => [method, hasText])).toEqual(texts.map((has) => ['POST', has]));
  }
});

test('urql asks by a documentId, where a document is nothing else', async () => {
  const text = 'query UrqlById { hello }';
  const body = { query: text, documentId: sha256(text) };
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { fetch: recording, sent } = recordingFetch();
  const client = new Client({ url, fetch: recording, exchanges: [fetchExchange] });
  const document = { kind: Kind.DOCUMENT as const, definitions: [], documentId: `sha256:${sha256(text)}` };
  const request = createRequest<{ hello: string }, object>(document, {});
  const context = { url, fetch: recording, requestPolicy: 'network-only' } as const;
  const { data } = await client.executeRequestOperation(makeOperation('query', request, context));
  expect(data).toEqual({ hello: 'Hello world' });
  expect(sent).toEqual([{ method: 'POST', hasText: false, status: 200 }]);
});

test('urql follows by the hash over a socket: the text goes once, for everybody', async () => {
  const sent: string[] = [];
  const follow = async () => {
    const socket = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket });
    const client = new Client({
      url,
      exchanges: [
        persistedExchange({ enableForSubscriptions: true }),
        subscriptionExchange({
          forwardSubscription({ query = '', ...request }) {
            sent.push(query);
            return {
              subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query }, sink as never) }),
            };
          },
        }),
      ],
    });
    const heard = new Promise((resolve) => {
      const { unsubscribe } = client
        .subscription(parse('subscription UrqlTicks { ticks }'), {})
        .subscribe(({ data, error }) => {
          resolve(data ?? error);
          queueMicrotask(() => unsubscribe());
        });
    });
    await eventually(() => api.ticks.subscribers === 1);
    api.ticks.push(5);
    expect(await withDeadline(heard, 10_000, 'a tick')).toEqual({ ticks: 5 });
    await socket.dispose();
    await eventually(() => api.ticks.subscribers === 0);
  };
  await follow();
  expect(sent.map(Boolean)).toEqual([false, true]);
  await follow();
  expect(sent.map(Boolean)).toEqual([false, true, false]);
});
