import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { programFile } from '../support/program.ts';
import { type ServerProcess, startServerProcess, UNDRIVEN_DEMO } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = programFile('cli');
const DATA_DIR = await temporaryFolder();
const NEW_KEY = 'n3wKeyOfTheSameStrength-0123456789';
let server: ServerProcess | undefined;
afterAll(stop);

async function start(environment: Record<string, string> = {}): Promise<ServerProcess> {
  server = await startServerProcess({ DATA_DIR, ...UNDRIVEN_DEMO, ...environment });
  return server;
}

async function stop(): Promise<void> {
  server?.process.kill('SIGTERM');
  if (server) await withDeadline(server.exited, 60_000, 'the end of the server');
  server = undefined;
}

const keys = async (args: readonly string[], environment: Record<string, string> = {}) =>
  await promisify(execFile)(process.execPath, [CLI, 'keys', ...args], {
    env: { PATH: process.env.PATH, DATA_DIR, ...environment },
  });

async function publishedKids(): Promise<string[]> {
  const response = await fetch(`${server?.url}/.well-known/jwks.json`);
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
}

const oneLine = (message: RegExp) => ({
  code: 1,
  stderr: expect.stringMatching(new RegExp(`^floorwire: ${message.source}.*\\n$`)),
});

test('floorwire keys rotate changes the key of a running server, and of one that does not run', async () => {
  await start();
  const [old = ''] = await publishedKids();
  const { stdout } = await keys(['rotate']);
  const kid = /signed with (\S+) from now on/.exec(stdout)?.[1] ?? '';
  // Sooner than the refresh that comes by itself: the event did it.
  const both = await eventually(async () => (await publishedKids()).length === 2 && publishedKids());
  expect(both).toEqual([kid, old]);
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
  expect((await keys(['list'])).stdout).toMatch(
    new RegExp(
      `^${kid}  EdDSA  made ${time}  signs\\n${old}  EdDSA  made ${time}  retired ${time}  verifies until ${time}\\n$`,
    ),
  );

  const revoking = await keys(['rotate', '--revoke-old']);
  expect(revoking.stdout).toContain(`Tokens signed with ${old} are refused from now on.\n`);
  expect(revoking.stdout).toContain(`Tokens signed with ${kid} are refused from now on.\n`);
  await eventually(async () => {
    const left = await publishedKids();
    return left.length === 1 && !both.includes(left[0] ?? '');
  });

  const wrong = keys(['rotate'], { SECRET_KEY: 'another secret key of enough length' });
  await expect(wrong).rejects.toMatchObject(oneLine(/SECRET_KEY /));
  const shared = { JWT_ALGORITHM: 'HS256', JWT_SECRET_KEY: 'an0therSecretForTheTokensAlone!!' };
  await expect(keys(['rotate'], shared)).rejects.toMatchObject(
    oneLine(/Tokens are signed with JWT_SECRET_KEY/),
  );
  await expect(keys(['list', '--revoke-old'])).rejects.toMatchObject(oneLine(/keys takes /));

  await stop();
  expect((await keys(['rotate'])).stdout).toMatch(/^Tokens are signed with \S+ from now on\.\n$/);
}, 150_000);

test('floorwire keys rewrap changes SECRET_KEY beside a running server, and can be run again', async () => {
  const kept = await readFile(`${DATA_DIR}/secret`, 'utf8');
  await expect(keys(['rewrap'], { SECRET_KEY: NEW_KEY })).rejects.toMatchObject(
    oneLine(/keys rewrap takes /),
  );
  const change = { SECRET_KEY: NEW_KEY, SECRET_KEY_OLD: kept };
  const { url } = await start(change);
  const kids = await publishedKids();
  expect((await keys(['rewrap'], change)).stdout).toMatch(
    /^signing_key: \d rewrapped, 0 sealed .*\n(.*\n)*SECRET_KEY opens /,
  );
  expect((await keys(['rewrap'], change)).stdout).toMatch(/^signing_key: 0 rewrapped, \d sealed .*\n/);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  await stop();

  const refused = await start();
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.stderr()).toMatch(
    /^floorwire: SECRET_KEY does not open what is sealed in the database\..*\n$/,
  );
  server = undefined;
  await start({ SECRET_KEY: NEW_KEY });
  expect(await publishedKids()).toEqual(kids);
}, 150_000);
