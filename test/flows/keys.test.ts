import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const DATA_DIR = await temporaryFolder();
let server: ServerProcess | undefined;
afterAll(async () => {
  server?.process.kill('SIGTERM');
  if (server) await withDeadline(server.exited, 20_000, 'the end of the server');
});

const rotate = async (environment: Record<string, string> = {}) =>
  await promisify(execFile)(process.execPath, ['--import', 'tsx', CLI, 'keys', 'rotate'], {
    env: { PATH: process.env.PATH, DATA_DIR, ...environment },
  });

test('floorwire keys rotate changes the key of a running server, and of one that does not run', async () => {
  server = await startServerProcess({ DATA_DIR, DEMO: '1' });
  const { url } = server;
  const kids = async () => {
    const response = await fetch(`${url}/.well-known/jwks.json`);
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };
  const [old] = await kids();
  const { stdout } = await rotate();
  const kid = /signed with (\S+) from now on/.exec(stdout)?.[1];
  // Sooner than the refresh that comes by itself: the event did it.
  expect(await eventually(async () => (await kids()).length === 2 && kids())).toEqual([kid, old]);

  const wrong = rotate({ SECRET_KEY: 'another secret key of enough length' });
  await expect(wrong).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^floorwire: SECRET_KEY .*\n$/),
  });

  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 20_000, 'the end of the server');
  server = undefined;
  expect((await rotate()).stdout).toMatch(/^Tokens are signed with \S+ from now on\.\n$/);
}, 90_000);
