import { createHash } from 'node:crypto';
import { connect, type SocketClient } from './socket-client.ts';

/** The members of a request: its document as text, by its hash, or both. */
export interface DocumentRequest {
  readonly query?: string;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
  readonly operationName?: string;
  readonly variables?: object;
}

/** The result of one operation. */
// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
export type AskFor = (request: DocumentRequest, token?: string) => Promise<any>;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The hash of a text as Apollo's clients send it. */
export const byHash = (text: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
});

/** Each way to ask for an operation. @param url of the server, without a path */
export function documentWaysTo(url: string): readonly (readonly [string, AskFor])[] {
  const post = (request: DocumentRequest, { accept, token }: { accept: string; token?: string }) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(accept, token) },
      body: JSON.stringify(request),
    });
  const get = (request: DocumentRequest, { accept, token }: { accept: string; token?: string }) =>
    fetch(`${url}/graphql?${parametersOf(request)}`, { headers: headersOf(accept, token) });
  const viaSocket = (change: (request: DocumentRequest) => object): AskFor => {
    return async (request, token) => {
      const client = await connect({ port: Number(new URL(url).port) });
      await client.init(token === undefined ? {} : { accessToken: token });
      const result = await askOn(client, change(request));
      client.socket.close();
      return result;
    };
  };
  return [
    ['POST', async (request, token) => (await post(request, { ...JSON_TYPE, ...tokenOf(token) })).json()],
    ['GET', async (request, token) => (await get(request, { ...JSON_TYPE, ...tokenOf(token) })).json()],
    [
      'server-sent events by POST',
      async (request, token) => await firstEvent(await post(request, { ...EVENTS, ...tokenOf(token) })),
    ],
    [
      'server-sent events by GET',
      async (request, token) => await firstEvent(await get(request, { ...EVENTS, ...tokenOf(token) })),
    ],
    ['a socket', viaSocket((request) => request)],
    ['a socket with an empty query', viaSocket((request) => ({ query: '', ...request }))],
  ];
}

const JSON_TYPE = { accept: 'application/json' };
const EVENTS = { accept: 'text/event-stream' };

const tokenOf = (token: string | undefined) => (token === undefined ? {} : { token });

const headersOf = (accept: string, token: string | undefined) => ({
  accept,
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
});

/** As GraphQL over HTTP writes them for a GET. */
export function parametersOf(request: DocumentRequest): URLSearchParams {
  return new URLSearchParams(
    Object.entries(request).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** The first result of a stream, which is then left. */
async function firstEvent(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    text += value ?? '';
    const [, data] = /^event: next\n(?:id: .*\n)?data: (.*)\n\n/m.exec(text) ?? [];
    if (data !== undefined || done) {
      await reader?.cancel();
      return JSON.parse(data ?? text);
    }
  }
}

let asked = 0;

async function askOn(client: SocketClient, payload: object) {
  asked += 1;
  const id = `asked-${asked}`;
  client.send({ id, type: 'subscribe', payload });
  const { payload: result } = await Promise.race([client.message(id, 'next'), client.message(id, 'error')]);
  return Array.isArray(result) ? { errors: result } : result;
}
