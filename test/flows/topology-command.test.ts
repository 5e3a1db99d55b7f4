import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aFreePort } from '../support/free-port.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ENV_FILE, requiresTopology } from '../support/topology.ts';

/** `npm run topology`, as a process of its own. */
const MAIN = fileURLToPath(new URL('../../deploy/topology.ts', import.meta.url));
const START_MS = 200_000;

const endings: (() => void)[] = [];
afterAll(() => {
  for (const end of endings) end();
});

function run(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: 'pipe' });
  // What it has started ends with it.
  endings.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = once(child, 'exit').then(([code]) => code);
  return {
    child,
    said: () => output,
    exited: () => withDeadline(exited, 60_000, 'the end of the topology'),
    greeted: () => eventually(() => output.includes('GraphiQL'), { deadlineMs: START_MS }),
  };
}

/** The programs that were started by a process, with their own. */
function startedBy(parent: number | undefined): { readonly pid: number; readonly program: string }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []);
  const below = (of: number): { pid: number; program: string }[] =>
    all
      .filter(([, , above]) => Number(above) === of)
      .flatMap(([, pid = '', , program = '']) => [{ pid: Number(pid), program }, ...below(Number(pid))]);
  return parent ? below(parent).filter(({ program }) => program !== 'ps') : [];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function signIn(url: string, password: string): Promise<string> {
  const { body } = await httpClient(url).ask(
    `mutation { login(input: { identifier: "admin", password: "${password}" }) { __typename ... on LoginSuccess { accessToken } } }`,
  );
  return body.data.login.__typename;
}

test('it keeps its folder, leaves nothing behind, and ends when a part does', {
  timeout: 600_000,
}, async (context) => {
  requiresTopology(context);
  const [port, folder] = [await aFreePort(), await temporaryFolder()];
  const program = programFile('main');
  const args = ['--port', String(port), '--data', folder, '--env', ENV_FILE, '--program', program];
  const url = `http://127.0.0.1:${port}`;

  const first = run(...args);
  await first.greeted();
  expect(first.said()).toContain(`${url}/graphql`);
  const [, password = ''] = /Sign in as admin with (\S+),/.exec(first.said()) ?? [];
  expect(await signIn(url, password)).toBe('LoginSuccess');
  const parts = startedBy(first.child.pid);
  expect(parts.map(({ program }) => program)).toEqual(
    expect.arrayContaining(['nginx', 'node', 'postgres', 'redis-server']),
  );
  first.child.kill('SIGTERM');
  expect(await first.exited()).toBe(0);
  await eventually(() => parts.filter(({ pid }) => isAlive(pid)).length === 0);

  const second = run(...args);
  await second.greeted();
  expect(second.said()).not.toContain('Sign in as');
  expect(await signIn(url, password)).toBe('LoginSuccess');
  const again = startedBy(second.child.pid);
  const redis = again.find(({ program }) => program === 'redis-server');
  process.kill(redis?.pid ?? Number.NaN, 'SIGKILL');
  expect(await second.exited()).toBe(1);
  expect(second.said()).toContain('redis ended (SIGKILL)');
  await eventually(() => again.filter(({ pid }) => isAlive(pid)).length === 0);
});

test('a wrong option ends it with one line', async () => {
  const cases = [
    { args: ['--port', 'eighty'], line: /^topology: --port takes a number from 1 to 65535\.\n$/ },
    { args: ['--env', '/nowhere/at.all'], line: /^topology: --env: there is no \/nowhere\/at\.all\.\n$/ },
    {
      args: ['--program', '/nowhere/at.all'],
      line: /^topology: --program: there is no \/nowhere\/at\.all\.\n$/,
    },
    { args: ['--fast'], line: /^topology: .*--fast.*\n$/ },
  ];
  const wrong = cases.map(({ args, line }) => ({ ...run(...args), line }));
  for (const { exited, said, line } of wrong) {
    expect(await exited()).toBe(1);
    expect(said()).toMatch(line);
  }
}, 120_000);
