import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test, vi } from 'vitest';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { flakyProxy } from '../support/flaky-proxy.ts';
import { httpClient } from '../support/http-client.ts';
import { runNatively } from '../support/native-engine.ts';
import { aDependentProject, readmeBlocks } from '../support/package.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** README's list of documents and its program for React Native, at a server that runs listed documents only. */
const { folder } = await aDependentProject();
const blocks = await readmeBlocks('Frontends');
const programOf = (name: string) => blocks.find(({ text }) => text.startsWith(`// ${name}\n`))?.text ?? '';
await writeFile(join(folder, 'documents.mjs'), programOf('documents.mjs'));
await promisify(execFile)(process.execPath, ['documents.mjs'], { cwd: folder });

const { connection } = await cloneDatabase();
const server = await startServerProcess({
  DATA_DIR: await temporaryFolder(),
  DATABASE_URL: connection,
  DEMO: '1',
  PERSISTED_DOCUMENTS: join(folder, 'documents.json'),
  PERSISTED_DOCUMENTS_ONLY: 'true',
});
const proxy = await flakyProxy(() => Number(new URL(server.url).port));
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});

test('the sample for React Native signs in, follows by hashes and comes back, in an engine with no more than that', async () => {
  const { host } = new URL(proxy.url);
  const entry = join(folder, 'native.mjs');
  await writeFile(entry, programOf('native.mjs').replaceAll('127.0.0.1:8000', host));
  const engine = await runNatively(entry);
  try {
    // The machines of the demo play.
    const isHeard = (count: number) => eventually(() => engine.lines.length > count, { deadlineMs: 60_000 });
    await isHeard(0);
    proxy.cut('SOCKET');
    await isHeard(engine.lines.length);
    expect(engine.lines.join('\n')).toMatch(/^(?:native heard [A-Z_0-9]+\n?)+$/);
  } finally {
    engine.close();
  }
  const { body } = await httpClient(server.url).ask('{ __typename }');
  // That one is of the client, which finds out by it whether streams come through.
  expect(body).toMatchObject({ data: { __typename: 'Query' } });
  const other = await httpClient(server.url).ask('{ apiInfo { name } }');
  expect(other.body.errors[0].extensions.details.reason).toBe('UnlistedDocumentError');
});
