import { once } from 'node:events';
import { expect, test } from 'vitest';
import { nginxTemplate, startNginx } from '../../deploy/native/nginx.ts';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import { aFloorApp, type FloorApp } from '../support/app.ts';
import { withDeadline } from '../support/deadline.ts';
import { afterEachFile } from '../support/each-file.ts';
import { aFreePort } from '../support/free-port.ts';
import { requires } from '../support/requires.ts';
import { startS3Server } from '../support/s3-server.ts';
import { connect } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { announcing, aPng, put, stage } from '../support/uploads.ts';

/** How long nginx waits here for a word of the server. */
const PATIENCE_S = 3;
const PATIENT = { timeout: 120_000 };

const limits = (pingIntervalMs: number) => ({ limits: { ...DEFAULT_LIMITS, pingIntervalMs } });
const pinging = await aFloorApp({ machines: 0, settings: limits(1_000) });
const s3 = await startS3Server();
afterEachFile(() => s3[Symbol.asyncDispose]());
const storing = await aFloorApp({
  machines: 0,
  settings: {
    storage: {
      kind: 'S3',
      bucket: 'floor-files',
      region: 'eu-central-1',
      endpoint: s3.url,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'an-example-of-a-secret-key' },
    },
  },
});
const silent = await aFloorApp({ machines: 0, settings: limits(3_600_000) });

/** deploy/nginx.conf before one server, but for how long it waits. */
async function anNginx(program: string, { app }: FloorApp) {
  const [port, apiPort] = [await aFreePort(), Number(new URL(app().url).port)];
  const template = (await nginxTemplate()).replaceAll(
    /(proxy_(?:read|send)_timeout) \d+s;/g,
    `$1 ${PATIENCE_S}s;`,
  );
  const folder = await temporaryFolder();
  const nginx = await startNginx({
    program,
    folder,
    port,
    apiPorts: [apiPort, apiPort],
    template,
    log: () => {},
  });
  return { port, [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose]() };
}

test('pings keep a socket that says nothing open for as long as it likes', PATIENT, async (context) => {
  await using nginx = await anNginx(requires('nginx', context), pinging);
  const accessToken = await pinging.token('OPERATOR');
  const client = await connect(nginx);
  await client.init({ accessToken });
  const started = performance.now();
  while (performance.now() - started < 2.5 * PATIENCE_S * 1_000)
    await withDeadline(once(client.socket, 'ping'), 60_000, 'a ping');
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  client.socket.close();
});

test('without them nginx ends it', PATIENT, async (context) => {
  await using nginx = await anNginx(requires('nginx', context), silent);
  const accessToken = await silent.token('OPERATOR');
  const client = await connect(nginx);
  await client.init({ accessToken });
  const [code] = await withDeadline(once(client.socket, 'close'), 60_000, 'the end of the socket');
  expect(code).toBe(1006);
});

test('a file is answered however long its storage takes', PATIENT, async (context) => {
  const program = requires('nginx', context);
  await using nginx = await anNginx(program, storing);
  const bytes = aPng({ width: 64, height: 64 });
  const staged = await stage(storing, announcing(bytes));
  const address = new URL(staged.url);
  address.port = String(nginx.port);
  s3.takeSlowly(bytes.length / (1.5 * PATIENCE_S));
  const answer = await put(address.href, bytes);
  expect(answer.status).toBe(201);
});
