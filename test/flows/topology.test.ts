import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type ClientRequest, request as nodeRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type TestContext, test } from 'vitest';
import { nginxTemplate } from '../../deploy/native/nginx.ts';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import { PASSWORD } from '../support/builders.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aFreePort } from '../support/free-port.ts';
import { httpClient } from '../support/http-client.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aTopology, requiresTopology, type TestTopology, WHICH_PROCESS } from '../support/topology.ts';

/** What clients have of two API processes behind nginx. */
const PATIENT = { timeout: 300_000 };
const DEADLINE_MS = 60_000;

let started: Promise<TestTopology> | undefined;
const theTopology = (context: TestContext): Promise<TestTopology> => {
  requiresTopology(context);
  started ??= aCertificate().then(() => aTopology({ tlsFolder }));
  return started;
};

const tlsFolder = await temporaryFolder();
const tlsPort = await aFreePort();
const certificate = join(tlsFolder, 'fullchain.pem');

/** As whoever follows README does it, but on a port of this test's. */
async function aCertificate(): Promise<void> {
  const wanted = ['-subj', '/CN=floor', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const files = ['-keyout', join(tlsFolder, 'privkey.pem'), '-out', certificate];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...wanted, ...files]);
  const example = await readFile(new URL('../../deploy/tls/tls.conf.example', import.meta.url), 'utf8');
  const conf = example.replace('listen 8443 ', `listen 127.0.0.1:${tlsPort} `);
  await writeFile(join(tlsFolder, 'tls.conf'), conf);
}

const LOCK = `mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { __typename ... on Error { code message } } }`;
const UNLOCK = LOCK.replace('lockMachine', 'unlockMachine');
const LOCKS = 'subscription { machineEvents(types: [LOCKED, UNLOCKED]) { type data cursor } }';

/** Waits for the machine, and for whoever may have locked it before. */
async function setLock(topology: TestTopology, mutation: string, reason: string): Promise<void> {
  const field = mutation === LOCK ? 'LockMachineSuccess' : 'UnlockMachineSuccess';
  const { machineId, token } = topology;
  await eventually(
    async () => {
      const { body } = await httpClient(topology.url).post(
        { query: mutation, variables: { input: { machineId, reason } } },
        { authorization: `Bearer ${token}` },
      );
      const answer = body.data?.lockMachine ?? body.data?.unlockMachine;
      if (answer?.__typename !== field) throw new Error(JSON.stringify(body));
      return true;
    },
    { deadlineMs: DEADLINE_MS },
  );
}

const reasonsOf = (client: SocketClient) =>
  client.messages
    .filter(({ id, type }) => id === 'locks' && type === 'next')
    .map(({ payload }) => payload.data.machineEvents.data?.reason);

test('queries and mutations are answered by both processes', PATIENT, async (context) => {
  const topology = await theTopology(context);
  const { ask } = httpClient(topology.url);
  const processes = new Set<string>();
  await eventually(async () => {
    const { status, body } = await ask(WHICH_PROCESS);
    expect(status).toBe(200);
    processes.add(body.data.apiInfo.startedAt);
    return processes.size === 2;
  });
  await setLock(topology, LOCK, 'through nginx');
  await setLock(topology, UNLOCK, 'through nginx');
});

test('a change made through one process reaches a socket at the other', PATIENT, async (context) => {
  const topology = await theTopology(context);
  const here = await topology.socket();
  let there = await topology.socket();
  while (there.process === here.process) there = await topology.socket();

  there.client.subscribe('locks', LOCKS);
  // A query on the same socket is answered once the subscription before it stands.
  there.client.subscribe('stands', WHICH_PROCESS);
  await there.client.message('stands', 'complete');
  const { machineId } = topology;
  here.client.subscribe('lock', LOCK, { input: { machineId, reason: 'from the other side' } });
  expect((await here.client.message('lock', 'next')).payload.data.lockMachine.__typename).toBe(
    'LockMachineSuccess',
  );
  await eventually(() => reasonsOf(there.client).includes('from the other side'), {
    deadlineMs: DEADLINE_MS,
  });
  await setLock(topology, UNLOCK, 'done');
  here.client.socket.close();
  there.client.socket.close();
});

test('an event reaches a stream through nginx while it is open', PATIENT, async (context) => {
  const topology = await theTopology(context);
  const ending = new AbortController();
  const response = await fetch(`${topology.url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${topology.token}`,
    },
    body: JSON.stringify({ query: LOCKS }),
    signal: ending.signal,
  });
  if (!response.body) throw new Error('no body');
  const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => (await withDeadline(chunks.read(), DEADLINE_MS, 'the next bytes')).value ?? '';
  let text = await read();
  const hear = async () => {
    while (!text.includes('"streamed"')) text += await read();
  };
  await Promise.all([setLock(topology, LOCK, 'streamed'), hear()]);
  ending.abort();
  await setLock(topology, UNLOCK, 'done');
});

test('a client has his own address, whatever he claims', PATIENT, async (context) => {
  const { url } = await theTopology(context);
  const request = nodeRequest(`${url}/graphql`, {
    method: 'POST',
    localAddress: '127.0.0.2',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
    },
  });
  request.end(
    JSON.stringify({
      query: `mutation { login(input: { identifier: "operator", password: "${PASSWORD}" }) { ... on LoginSuccess { session { address } } } }`,
    }),
  );
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  expect(JSON.parse(text).data.login.session.address).toBe('127.0.0.2');
});

test(
  'with a certificate sockets and answers are encrypted, and the processes know',
  PATIENT,
  async (context) => {
    const { url, token } = await theTopology(context);
    const ca = await readFile(certificate);
    const answered = async (request: ClientRequest) => {
      const [response] = await once(request.end(), 'response');
      response.resume();
      return [response.statusCode, response.headers['strict-transport-security'] !== undefined];
    };
    const path = '/.well-known/jwks.json';
    const lie = { 'x-forwarded-proto': 'https' };
    expect(await answered(httpsRequest(`https://127.0.0.1:${tlsPort}${path}`, { ca }))).toEqual([200, true]);
    expect(await answered(nodeRequest(`${url}${path}`, { headers: lie }))).toEqual([200, false]);

    const secure = await connect({ port: tlsPort }, { ca });
    await secure.init({ accessToken: token });
    secure.subscribe('1', WHICH_PROCESS);
    await secure.message('1', 'next');
    secure.socket.close();
  },
);

/** A browser holds six connections to a host by HTTP/1.1, each taken by one stream, and what it asks waits behind them. */
test(
  'with a certificate a browser asks beside as many streams as it likes, on one connection',
  PATIENT,
  async (context) => {
    const { token } = await theTopology(context);
    const browser = connectHttp2(`https://127.0.0.1:${tlsPort}`, { ca: await readFile(certificate) });
    context.onTestFinished(() => browser.destroy());
    await withDeadline(once(browser, 'connect'), DEADLINE_MS, 'a connection of HTTP/2');
    const firstBytes = async (query: string, accept: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, accept };
      const request = browser.request({ ':method': 'POST', ':path': '/graphql', ...headers });
      request.setEncoding('utf8').end(JSON.stringify({ query }));
      const [bytes] = await withDeadline(once(request, 'data'), DEADLINE_MS, 'the first bytes of an answer');
      return { bytes, isOpen: !request.readableEnded };
    };
    const streams = await Promise.all(
      Array.from({ length: 8 }, () =>
        firstBytes('subscription { machineEvents { type } }', 'text/event-stream'),
      ),
    );
    expect(streams.map(({ isOpen }) => isOpen)).toEqual(Array(8).fill(true));
    const { bytes } = await firstBytes('{ viewer { roles } }', 'application/json');
    expect(bytes).toContain('OPERATOR');
  },
);

test('figures for operators do not leave the house, and everything else does', PATIENT, async (context) => {
  const { url, apis } = await theTopology(context);
  expect((await fetch(`http://127.0.0.1:${apis[0].port}/metrics`)).status).toBe(200);
  const port = Number(new URL(url).port);
  for (const path of [
    '/metrics',
    '/metrics/',
    '/%6Detrics',
    '//metrics',
    '/graphql/../metrics',
    '/metrics?x',
  ]) {
    const request = nodeRequest({ host: '127.0.0.1', port, path }).end();
    const [response] = await once(request, 'response');
    response.resume();
    // The processes' own refusals are JSON.
    expect([path, response.statusCode, response.headers['content-type']]).toEqual([path, 404, 'text/html']);
  }
  const health = await fetch(`${url}/health`);
  expect([health.status, (await health.json()).status]).toEqual([200, 'HEALTHY']);
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
});

test('what is too big is refused in the words of the API', PATIENT, async (context) => {
  const { url } = await theTopology(context);
  const { status, body } = await httpClient(url).ask(`{ ${'a'.repeat(2 * DEFAULT_LIMITS.maxBodyBytes)} }`);
  expect([status, body.errors[0].extensions.code]).toEqual([413, 'API_001']);
});

test('nginx waits for longer than two pings, and compose fills in all that it leaves open', async () => {
  const template = await nginxTemplate();
  const [, seconds] = /proxy_read_timeout (\d+)s;/.exec(template) ?? [];
  expect(Number(seconds) * 1_000).toBeGreaterThan(2 * DEFAULT_LIMITS.pingIntervalMs);
  expect(Number(seconds) * 1_000).toBeGreaterThan(2 * DEFAULT_LIMITS.ssePingIntervalMs);

  const compose = await readFile(new URL('../../compose.yaml', import.meta.url), 'utf8');
  const open = new Set([...template.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
  expect(open.size).toBe(3);
  for (const name of open) expect(compose).toMatch(new RegExp(`^      ${name}: `, 'm'));
});
