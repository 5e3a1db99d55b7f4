import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { MetricsTokenError } from '../../src/http/errors.ts';
import { metricsReply } from '../../src/http/metrics.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { anApiServer } from '../support/api-server.ts';

const TOKEN = 'a-token-that-only-the-watcher-knows';
const source = { contentType: 'text/plain; version=0.0.4', scrape: async () => 'up 1\n' };
const open = await anApiServer({ metrics: { ...source, token: TOKEN } });
const shut = await anApiServer({ metrics: { ...source, token: null } });
afterAll(async () => {
  await open.http.close();
  await shut.http.close();
});

/** Unlike `fetch` it sends any header it is told to. */
async function ask(
  { port }: { readonly port: number },
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/metrics', headers }, async (response) => {
      const { statusCode: status, headers: answered } = response;
      resolve({ status, type: answered['content-type'], body: await text(response) });
    })
      .on('error', reject)
      .end();
  });
}

test('who asks from this machine is told without a token', async () => {
  for (const host of ['127.0.0.1:8000', 'localhost', '[::1]:8000', '127.1.2.3']) {
    expect(await ask(shut, { host })).toEqual({ status: 200, type: source.contentType, body: 'up 1\n' });
    expect((await ask(open, { host })).status).toBe(200);
  }
});

test.each([
  ['a proxy forwards the request', { 'x-forwarded-for': '203.0.113.9' }],
  ['a proxy forwards it by the newer header', { forwarded: 'for=203.0.113.9' }],
  ['a proxy says that it stands between', { via: '1.1 proxy' }],
  ['a proxy names the host it was asked for', { host: 'floor.example' }],
  ['a page of a name that leads here asks', { host: 'localhost.attacker.example:8000' }],
])('when %s, the token is needed', async (_what, headers) => {
  const refused = await ask(open, headers);
  expect([refused.status, JSON.parse(refused.body).errors[0].extensions.code]).toEqual([401, 'AUTH_003']);
  expect((await ask(open, { ...headers, authorization: `Bearer ${TOKEN}` })).body).toBe('up 1\n');
  for (const authorization of ['Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, `Bearer ${TOKEN.slice(1)}`])
    expect((await ask(open, { ...headers, authorization })).status).toBe(401);
});

test('without METRICS_TOKEN there is nothing to see from elsewhere, whatever is shown', async () => {
  const elsewhere = { 'x-forwarded-for': '203.0.113.9' };
  for (const headers of [elsewhere, { ...elsewhere, authorization: 'Bearer null' }]) {
    const { status, body } = await ask(shut, headers);
    expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([404, 'API_002']);
  }
});

test('another machine needs the token, also when it calls this one by a local name', async () => {
  const from = (remoteAddress: string | undefined, authorization?: string) => ({
    headers: { host: 'localhost:8000', ...(authorization && { authorization }) },
    socket: { remoteAddress },
  });
  for (const peer of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::7', undefined]) {
    await expect(metricsReply({ ...source, token: null }, from(peer))).rejects.toThrow(NotFoundError);
    await expect(metricsReply({ ...source, token: TOKEN }, from(peer))).rejects.toThrow(MetricsTokenError);
    const reply = await metricsReply({ ...source, token: TOKEN }, from(peer, `Bearer ${TOKEN}`));
    expect(reply.body).toBe('up 1\n');
  }
  const nameless = { headers: {}, socket: { remoteAddress: '127.0.0.1' } };
  await expect(metricsReply({ ...source, token: null }, nameless)).rejects.toThrow(NotFoundError);
  for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    expect((await metricsReply({ ...source, token: null }, from(peer))).status).toBe(200);
});

test('a scrape is a line of the log only for who debugs', async () => {
  await ask(open);
  const line = open.lines.find(({ path }) => path === '/metrics');
  expect(line?.level).toBe('debug');
});
