import { once } from 'node:events';
import { expect, test } from 'vitest';
import { nginxTemplate, startNginx } from '../../deploy/native/nginx.ts';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import { aFloorApp, type FloorApp } from '../support/app.ts';
import { withDeadline } from '../support/deadline.ts';
import { aFreePort } from '../support/free-port.ts';
import { requires } from '../support/requires.ts';
import { connect } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** How long nginx waits here for a word of the server. */
const PATIENCE_S = 3;
const PATIENT = { timeout: 120_000 };

const limits = (pingIntervalMs: number) => ({ limits: { ...DEFAULT_LIMITS, pingIntervalMs } });
const pinging = await aFloorApp({ machines: 1, settings: limits(1_000) });
const silent = await aFloorApp({ machines: 1, settings: limits(3_600_000) });

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
  const client = await connect(nginx);
  await client.init({ accessToken: await pinging.token('OPERATOR') });
  const started = performance.now();
  while (performance.now() - started < 2.5 * PATIENCE_S * 1_000)
    await withDeadline(once(client.socket, 'ping'), 60_000, 'a ping');
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  client.socket.close();
});

test('without them nginx ends it', PATIENT, async (context) => {
  await using nginx = await anNginx(requires('nginx', context), silent);
  const client = await connect(nginx);
  await client.init({ accessToken: await silent.token('OPERATOR') });
  const [code] = await withDeadline(once(client.socket, 'close'), 60_000, 'the end of the socket');
  expect(code).toBe(1006);
});
