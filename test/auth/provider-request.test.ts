import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { ProviderUnavailableError } from '../../src/auth/oauth-errors.ts';
import { askProvider } from '../../src/auth/provider-request.ts';

let answer: RequestListener = () => {};
const server = createServer((request, response) => answer(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

test.each([200, 400, 404])('the status %i is an answer', async (status) => {
  answer = (_, response) => response.writeHead(status).end('{"a":1}');
  expect(await askProvider(url)).toEqual({ status, body: { a: 1 } });
});

test.each<[string, RequestListener]>([
  ['a fault of its server', (_, response) => response.writeHead(503).end('{}')],
  ['that it is asked too much', (_, response) => response.writeHead(429).end('{}')],
  ['no JSON', (_, response) => response.end('<html>')],
  ['nothing', (request) => request.socket.destroy()],
  ['a way to somewhere else', (_, response) => response.writeHead(302, { location: url }).end('{}')],
  ['more than it may', (_, response) => response.end(`"${'x'.repeat(300 * 1_024)}"`)],
])('%s is no answer', async (_, listener) => {
  answer = listener;
  await expect(askProvider(url)).rejects.toThrow(ProviderUnavailableError);
});

test.each<[string, RequestListener]>([
  ['an answer that does not begin', () => {}],
  ['an answer that does not end', (_, response) => void response.write('{"a":')],
])('%s is given up in time', async (_, listener) => {
  answer = listener;
  await expect(askProvider(url, {}, 100)).rejects.toThrow(ProviderUnavailableError);
});

test('where nobody listens nobody answers', async () => {
  await expect(askProvider('http://127.0.0.1:1/')).rejects.toThrow(ProviderUnavailableError);
});
