import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { flakyProxy } from '../support/flaky-proxy.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The programs and commands of README's "Signing in", "Without WebSockets", "Money", "Booking", "Parking", "Screens and boards", "Notifications", "Alerts", "Channels", "Exports" and "Deployment", as they stand there, against the demo. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = programFile('cli');
const README = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const TITLES = [
  'Signing in',
  'Without WebSockets',
  'Money',
  'Booking',
  'Parking',
  'Screens and boards',
  'Notifications',
  'Alerts',
  'Channels',
  'Exports',
  'Deployment',
];
const section = TITLES.map(
  (title) => new RegExp(`^## ${title}\\n(.*?)^## `, 'ms').exec(README)?.[1] ?? '',
).join('');
const DATA_DIR = await temporaryFolder();
// A reader takes longer than a minute for all of them.
const server = await startServerProcess({ DATA_DIR, DEMO: '1', LIMIT_CREDENTIALS_PER_ADDRESS: '100' });
afterAll(async () => {
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});

function blockOf(language: string, holding: string): string {
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const block = blocks.find(([, name, text]) => name === language && text?.includes(holding))?.[2];
  if (!block) throw new Error(`README has no ${language} block with ${holding} under ${TITLES.join()}.`);
  return block;
}

/** What a program prints. It asks the server of this test, or another, instead of the one on port 8000. */
async function run(
  program: string,
  environment: Record<string, string> = {},
  { host } = new URL(server.url),
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--experimental-websocket', '--input-type=module', '--eval', program.replaceAll('127.0.0.1:8000', host)],
    { cwd: ROOT, timeout: 60_000, env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...environment } },
  );
  return stdout;
}

/** What the command in the block that holds this is told. */
function argumentsOf(holding: string): readonly string[] {
  const [, command = ''] = /^npx floorwire (.*)$/m.exec(blockOf('sh', holding)) ?? [];
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** Runs the command that registers this device. Answers its pairing code. */
async function registered(deviceNumber: string): Promise<string> {
  const args = argumentsOf(`--number ${deviceNumber}`);
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, DATA_DIR },
  });
  return /shown this once: (\S+)/.exec(stdout)?.[1] ?? '';
}

test('a browser app signs in, follows, renews and signs out', async () => {
  const printed = await run(blockOf('js', '// browser.mjs'));
  expect(printed).toMatch(/^followed .+\nrenewed for 3600 seconds\nsigned out\n$/);
});

test('a device is registered by the command, and signs in with the code it showed', async () => {
  const code = await registered('SCREEN-1');
  expect(await run(blockOf('js', '// device.mjs'), { PAIRING_CODE: code })).toBe('signed in SCREEN-1\n');
  await expect(run(blockOf('js', '// device.mjs'), { PAIRING_CODE: 'wrong' })).rejects.toThrow();
});

/** A key as README makes one. */
async function aPartnerKey(): Promise<string> {
  const { post, ask } = httpClient(server.url);
  const login = await ask(`mutation {
    login(input: { identifier: "admin", password: "open-the-house-tonight" }) { ... on LoginSuccess { accessToken } }
  }`);
  const authorization = `Bearer ${login.body.data.login.accessToken}`;
  const made = await post({ query: blockOf('graphql', 'createApiKey') }, { authorization });
  return made.body.data.createApiKey.secret;
}

test('a partner system follows with the key that an ADMIN made', async () => {
  const secret = await aPartnerKey();
  expect(secret).toMatch(/^fw_/);
  // The machines of the demo play.
  expect(await run(blockOf('js', '// partner.mjs'), { FLOORWIRE_KEY: secret })).toMatch(
    /^heard [A-Z_0-9]+\n$/,
  );
});

test('a partner system that is cut goes on behind what it heard, each event once', async (context) => {
  const secret = await aPartnerKey();
  const { post } = httpClient(server.url);
  await using way = await flakyProxy(() => Number(new URL(server.url).port));
  const program = blockOf('js', '// partner.mjs')
    .replaceAll('127.0.0.1:8000', new URL(way.url).host)
    // It goes on, and says which event it is.
    .replace(/^ *(?:break|client\.dispose\(\));\n/m, '')
    .replace("'heard', data.machineEvents.type", 'data.machineEvents.cursor');
  const args = ['--experimental-websocket', '--input-type=module', '--eval', program];
  const partner = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', FLOORWIRE_KEY: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.onTestFinished(() => void partner.kill('SIGKILL'));
  let said = '';
  partner.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const heard = () => said.split('\n').slice(0, -1);
  const EVENTS = `query ($after: Cursor, $before: Cursor) {
    events(types: ["machine.event-raised"], after: $after, before: $before, first: 100) {
      cursor nodes { at } pageInfo { hasNextPage }
    }
  }`;
  const between = async (after?: string, before?: string): Promise<number> => {
    const authorization = `Bearer ${secret}`;
    const { body } = await post({ query: EVENTS, variables: { after, before } }, { authorization });
    const { cursor, nodes, pageInfo } = body.data.events;
    return nodes.length + (pageInfo.hasNextPage ? await between(cursor, before) : 0);
  };

  await eventually(() => heard().length > 0);
  way.block('SOCKET');
  const whenCut = heard();
  await eventually(async () => (await between(whenCut.at(-1))) > 3);
  way.block();
  await eventually(() => heard().length > whenCut.length);
  const all = heard();
  expect(new Set(all).size).toBe(all.length);
  expect(await between(all[0], all.at(-1))).toBe(all.length - 2);
});

/** README's function, on a platform in a process of its own. */
async function startFunction(): Promise<{ readonly url: URL } & Disposable> {
  const file = join(await temporaryFolder(), 'function.mjs');
  const { host } = new URL(server.url);
  await writeFile(file, blockOf('js', '// function.mjs').replaceAll('127.0.0.1:8000', host));
  const platform = spawn(process.execPath, [join(ROOT, 'test/support/function-platform.js'), file], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await withDeadline(once(platform.stdout, 'data'), 60_000, 'the platform to answer');
  return { url: new URL(String(said).trim()), [Symbol.dispose]: () => void platform.kill('SIGKILL') };
}

/** What `floorwire smoke` prints as README calls it, with the times of this run left out. */
async function checked(url: URL, ...more: readonly string[]) {
  const args = argumentsOf('floorwire smoke').join(' ').replace('127.0.0.1:8000', url.host).split(' <')[0];
  const child = spawn(process.execPath, [CLI, ...(args ?? '').split(' '), ...more], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end('walk-across-the-floor\n');
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code, lines: linesOf(stdout.replaceAll(new URL(server.url).host, '127.0.0.1:8000')) };
}

const linesOf = (output: string) =>
  output
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +\d+ ms/, ''));

test('where there are no sockets, a function before the server hands streams on', async () => {
  using platform = await startFunction();
  expect(await run(blockOf('js', '// streams.mjs'), {}, platform.url)).toMatch(/^(heard [A-Z_0-9]+\n){3,}$/);
  const { code, lines } = await checked(platform.url, '--no-websocket', '--timeout', '60');
  expect(lines).toContain('delivery  ok: each event once by event stream');
  expect(code).toBe(0);
});

test('the server is checked from outside, and the checks print what README shows', async () => {
  const { ask } = httpClient(server.url);
  await eventually(async () => (await ask('{ health { status } }')).body.data.health.status === 'HEALTHY');
  const [, printed = ''] = /^```\n(health .*?)^```$/ms.exec(section) ?? [];
  const { code, lines } = await checked(new URL(server.url), '--timeout', '60');
  expect(lines).toEqual(linesOf(printed));
  expect(lines).toHaveLength(8);
  expect(code).toBe(0);
});

test('money is posted once by a key, held, captured and added up', async () => {
  expect(await run(blockOf('js', '// money.mjs'))).toBe(
    'player1 has 250.00\nposted false true\ncaptured 5.00\nbalanced true\n',
  );
});

test('a slot is held, booked, taken to others, and given back', async () => {
  expect(await run(blockOf('js', '// booking.mjs'))).toBe(
    '48 slots\n19:00 is BOOKED for 12.50\nAPI_010 5\nCANCELLED, 12.50 back\n',
  );
});

test('a lot is found, a gate counts it, and who follows it sees what is left', async () => {
  const code = await registered('GATE-1');
  expect(await run(blockOf('js', '// parking.mjs'), { PAIRING_CODE: code })).toBe(
    'Yard, 122 m away: $0.50 for PT1H\nAPPLIED\nDUPLICATE\n2 of 120 are free\n',
  );
});

test('a place is reserved, the car comes and goes, and its stay is paid', async () => {
  expect(await run(blockOf('js', '// stays.mjs'))).toBe(
    'E-01 is reserved for W123AB\n39 of 40 free: 1 stands there, 0 is expected\nit cost $0.00, $0.00 is due\n',
  );
});

test('a screen is registered, seen to come, told to be quieter, and removed', async () => {
  expect(await run(blockOf('js', '// devices.mjs'))).toBe(
    'BAR-1 is OFFLINE\nOver the bar: ONLINE, 41.5 °C\nSET_VOLUME: QUEUED\nSET_VOLUME: SUCCEEDED, was 80\n',
  );
});

test('what is said on channels is heard by who comes later, behind his cursor', async () => {
  expect(await run(blockOf('js', '// channels.mjs'))).toBe(
    'listening: 0\nVENUE The bar is open\nUSER Your table is ready\n',
  );
});

test('a player is told what is sent to players, and his tabs that he has read it', async () => {
  expect(await run(blockOf('js', '// notices.mjs'))).toBe(
    'WARNING: We close at ten tonight.\nNotificationsRead 1\n',
  );
});

test('who guesses passwords is an alert, which somebody sees to, until nobody watches for it', async () => {
  expect(await run(blockOf('js', '// alerts.mjs'))).toBe(
    'CRITICAL: Somebody guesses passwords (FAILED_SIGN_INS)\na USER sees to it\nRULE_DISABLED\n',
  );
});

test('a week of slots is exported, and its file is what was told of it', async () => {
  expect(await run(blockOf('js', '// export.mjs'))).toBe(
    'true true\nid resource date index startsAt endsAt\n',
  );
});

test('a draft is saved, published and pushed, and who follows it is told', async () => {
  const said = (await run(blockOf('js', '// layouts.mjs'))).trim().split('\n');
  expect(said.slice(0, 3)).toEqual([
    'VersionConflictError 2',
    'Revision 1 is published.',
    '0 screens are told.',
  ]);
  // Each kind of news the newest stands for those before it, and between kinds there is no order.
  expect(said.some((line) => line.startsWith('LayoutEdited') && line.includes('Good evening'))).toBe(true);
  expect(said.some((line) => line.startsWith('EditorsChanged') && line.includes('head'))).toBe(true);
  expect(said.at(-1)).toBe('LayoutPublished {"revision":{"revision":1}}');
});

test('an operator uploads a file, shows it in a playlist, and fetches it at its address', async () => {
  expect(await run(blockOf('js', '// media.mjs'))).toBe(
    '201 1x1 206 GIF89a\n{"version":1,"items":[{"duration":"PT10S"}]}\n',
  );
});

test('the screen of the demo shows its floor in a terminal, and runs the firmware that it is given', async () => {
  const { host } = new URL(server.url);
  const args = argumentsOf('--device LOBBY-1').map((each) => each.replace('127.0.0.1:8000', host));
  const cwd = await temporaryFolder();
  const player = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(player, 'exit');
  try {
    let seen = '';
    player.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
    });
    const patient = { deadlineMs: 60_000 };
    await eventually(() => seen.includes('│Welcome!'), patient);
    await eventually(() => /\d+ of 40 free/.test(seen), patient);
    // The machines of the demo play.
    await eventually(() => seen.includes('Games played'), patient);
    expect(seen).toContain('LOBBY-1: Lobby');
    const sha256 = await deployAsPrinted();
    expect(await readdir(join(cwd, 'lobby.json.files'))).toEqual([sha256]);
  } finally {
    player.kill('SIGTERM');
  }
  expect(await exited).toEqual([0, null]);
}, 120_000);

/** The operations of "Firmware", one after the other, with what the reader fills in. Gives the SHA-256 of the file. */
async function deployAsPrinted(): Promise<string> {
  const { post } = httpClient(server.url);
  const query = blockOf('graphql', 'uploadFirmware');
  const login = await post({
    query: `mutation { login(input: { identifier: "admin", password: "open-the-house-tonight" }) {
      ... on LoginSuccess { accessToken } } }`,
  });
  const headers = { authorization: `Bearer ${login.body.data.login.accessToken}` };
  const run = async (operationName: string, filled: Readonly<Record<string, string>> = {}) => {
    const text = Object.entries(filled).reduce((whole, [blank, value]) => whole.replace(blank, value), query);
    const { body } = await post({ query: text, operationName }, headers);
    expect(body.errors).toBeUndefined();
    // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
    return Object.values<any>(body.data)[0];
  };
  const bytes = Buffer.from('0123456789abcdef');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { url, uploadToken } = await run('Announce', { 'sha256: "…"': `sha256: "${sha256}"` });
  expect((await fetch(url, { method: 'PUT', body: bytes })).status).toBe(201);
  const { firmware } = await run('Upload', { 'fwup_…': uploadToken });
  expect(firmware.sha256).toBe(sha256);
  const { nodes } = await run('Screen');
  const { deployment } = await run('Deploy', {
    'firmwareId: "…"': `firmwareId: "${firmware.id}"`,
    'deviceIds: ["…"]': `deviceIds: ["${nodes[0].id}"]`,
  });
  expect(deployment.state).toBe('RUNNING');
  const current = `{ device(id: "${nodes[0].id}") { firmware { current } } }`;
  await eventually(
    async () => (await post({ query: current }, headers)).body.data.device.firmware.current === '1.4.0',
    { deadlineMs: 60_000 },
  );
  return sha256;
}
