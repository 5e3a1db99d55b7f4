import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startNginx } from '../../deploy/native/nginx.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { recordException } from '../../src/machine/service.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aFreePort } from '../support/free-port.ts';
import { requires } from '../support/requires.ts';
import { type ResumingReader, startResumingReader } from '../support/resuming-reader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** nginx with another configuration, and another nginx, under readers who come back behind their last frame. */
const floor = await aFloorApp({ machines: 1 });
const READERS = 20;
const ENOUGH = 10;
const PATIENT = { deadlineMs: 60_000 };
const QUERY =
  'subscription ($after: Cursor) { machineEvents(types: [SLOT_DOOR_OPENED], after: $after) { id cursor } }';

/** Raises one event after the other. Answers how to stop that, and their ids in the order they were raised. */
function keepRaising() {
  const stop = new AbortController();
  const [machineId = ''] = floor.machineIds;
  const raised: string[] = [];
  const done = (async () => {
    while (!stop.signal.aborted) {
      const id = newId();
      await floor.app().services.runWork(system('test'), (work) =>
        recordException(work, {
          id,
          venueId: floor.venueId,
          machineId: Buffer.from(machineId, 'base64url').toString().replace('Machine:', ''),
          type: 'SLOT_DOOR_OPENED',
          exceptionCode: 0x11,
          data: null,
          occurredAt: new Date(),
        }),
      );
      raised.push(id);
      await pause(1);
    }
  })();
  return {
    raised,
    async stop() {
      stop.abort();
      await done;
    },
  };
}

test('sockets outlive a reload of nginx and come back after its death, with nothing lost or repeated', {
  timeout: 180_000,
}, async (context) => {
  const [port, apiPort] = [await aFreePort(), Number(new URL(floor.app().url).port)];
  const options = {
    program: requires('nginx', context),
    folder: await temporaryFolder(),
    port,
    apiPorts: [apiPort, apiPort],
    log: () => {},
  } as const;
  const nginx = await startNginx(options);
  const token = await floor.token('OPERATOR');
  const after = await floor.cursor();
  const read = () =>
    startResumingReader({ url: () => `ws://127.0.0.1:${port}/graphql`, token, query: QUERY, after });
  const readers = Array.from({ length: READERS }, read);
  const load = keepRaising();
  const hearMore = async (all: readonly ResumingReader[]) => {
    const before = all.map(({ received }) => received.length);
    const many = (count = 0) => count + ENOUGH;
    await eventually(() => all.every(({ received }, at) => received.length >= many(before[at])), PATIENT);
  };
  await hearMore(readers);

  const file = join(options.folder, 'nginx.conf');
  const changed = (await readFile(file, 'utf8')).replace(
    'server_tokens off;',
    'add_header x-changed yes always;',
  );
  await writeFile(file, changed);
  process.kill(nginx.pid ?? Number.NaN, 'SIGHUP');
  const health = () => fetch(`http://127.0.0.1:${port}/health`);
  await eventually(async () => (await health()).headers.get('x-changed') === 'yes', PATIENT);
  // Those of before go on by the workers of before.
  readers.push(...Array.from({ length: READERS }, read));
  await hearMore(readers);
  expect(readers.map(({ sessions }) => sessions)).toEqual(readers.map(() => 1));

  process.kill(-(nginx.pid ?? Number.NaN), 'SIGKILL');
  await nginx.ended;
  await using _another = await startNginx(options);
  await eventually(() => readers.every(({ sessions }) => sessions > 1), PATIENT);
  await hearMore(readers);
  await load.stop();
  await eventually(() => readers.every(({ received }) => received.length >= load.raised.length), PATIENT);
  for (const reader of readers) await reader.end();
  const wanted = load.raised.map((id) => Buffer.from(`MachineEvent:${id}`).toString('base64url'));
  for (const { received, refusal } of readers)
    expect([refusal, received.map(({ id }) => id)]).toEqual([null, wanted]);
});
