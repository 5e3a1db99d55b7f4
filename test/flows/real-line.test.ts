import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { system } from '../../src/lib/actor.ts';
import { configureLine } from '../../src/machine/service.ts';
import { parseProfiles } from '../../src/sas/host/machine-profile.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createLine } from '../../src/sas/simulator/line.ts';
import { DEFAULT_SETTINGS } from '../../src/sas/simulator/machine-settings.ts';
import { createRunWork } from '../../src/work.ts';
import { aPortServer } from '../sas/host/port-server.ts';
import { openPty } from '../sas/host/pty.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';

const PATIENCE = { deadlineMs: 60_000 };
const profiles = parseProfiles('{ "interblock": { "suggestFor": [{ "gameId": "IB" }] } }');
const { driver } = readConfig({ DATA_DIR: tmpdir() });
const floor = await aFloorApp({ settings: { driver: { ...driver, profiles } } });
const owner = openDatabase({ connection: floor.connection, poolSize: 2, applicationName: 'owner' });

/** Two machines behind a port server. */
const server = await aPortServer();
const egms = [
  createEgm({ address: 1 }),
  createEgm({ address: 2, settings: { ...DEFAULT_SETTINGS, gameId: 'IB' } }),
];
const line = createLine({ egms });
server.onWire((symbol) => line.hear([symbol]));
line.onReply((symbols) => server.receive(symbols));
afterAll(async () => {
  for (const egm of egms) egm[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
  await owner[Symbol.asyncDispose]();
});

await createRunWork({ db: owner.db, onEvents: () => {} })(system('test'), (work) =>
  configureLine(work, {
    venueId: floor.venueId,
    name: 'Behind the wall',
    port: `tcp://127.0.0.1:${server.port}`,
    wakeupMode: 'RFC2217',
    profile: 'gone-from-the-file',
    machines: [
      { address: 1, name: 'Wall 1' },
      { address: 2, name: 'Wall 2', profile: 'interblock' },
    ],
  }),
);
// A pseudo-terminal has no parity.
const pty = await openPty();
afterAll(() => pty[Symbol.dispose]());
await createRunWork({ db: owner.db, onEvents: () => {} })(system('test'), (work) =>
  configureLine(work, {
    venueId: floor.venueId,
    name: 'On a poor adapter',
    port: pty.path,
    wakeupMode: 'PARITY',
    machines: [],
  }),
);
await floor.restart();

const lineOf = async (name: string) => {
  const { data } = await floor.ask(
    `{ sasLines { name wakeupMode profile state cause statistics { polls longGaps worstGapMs }
      machines { name profile suggestedProfile status gameId } } }`,
  );
  return data.sasLines.find((each: { readonly name: string }) => each.name === name);
};

test('machines behind a port server are driven as their profiles say, in a process of the port', async () => {
  const shown = await eventually(async () => {
    const found = await lineOf('Behind the wall');
    const known = found.machines.every(({ gameId }: { readonly gameId: string | null }) => gameId !== null);
    return known && found.statistics?.worstGapMs >= 3 ? found : null;
  }, PATIENCE);
  expect(shown).toMatchObject({
    wakeupMode: 'RFC2217',
    state: 'UP',
    cause: null,
    machines: [
      { name: 'Wall 1', profile: null, suggestedProfile: null },
      { name: 'Wall 2', profile: 'interblock', suggestedProfile: 'interblock' },
    ],
  });
  expect(BigInt(shown.statistics.longGaps)).toBeLessThanOrEqual(BigInt(shown.statistics.polls));
});

test('a port that cannot send the ninth bit is down, and says why', async () => {
  const shown = await eventually(async () => {
    const found = await lineOf('On a poor adapter');
    return found.state === 'DOWN' ? found : null;
  }, PATIENCE);
  expect(shown.cause).toMatch(/ignores MARK and SPACE parity .* Try wakeupMode EVEN_ODD/);
});

test('a profile that nobody knows is told in the log, and the line goes on without it', async () => {
  expect((await lineOf('Behind the wall')).profile).toBe('gone-from-the-file');
  expect(floor.logged()).toMatch(/"profiles":\["gone-from-the-file"\].*no such machine profiles/);
});

test('the line that README configures is one', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const section = /^## Connecting a real machine\n(.*?)^## /ms.exec(readme)?.[1] ?? '';
  const mutation = /^```graphql\n(.*?)^```$/ms.exec(section)?.[1] ?? '';
  // A test leaves the devices of this computer alone.
  const elsewhere = mutation.replace('/dev/ttyUSB0', '/nowhere/ttyUSB0');
  expect(elsewhere).not.toBe(mutation);
  const { data } = await floor.ask(elsewhere, { as: 'ADMIN' });
  expect(data).toEqual({ configureSasLine: { line: { id: expect.any(String) } } });
  expect(await lineOf('Hall 1')).toMatchObject({ wakeupMode: 'PARITY', profile: 'late-adapter' });
});

test('nothing is measured where the ninth bit is in the stream', async () => {
  const shown = await eventually(async () => {
    const found = await lineOf((await lineNames())[0] ?? '');
    return found.statistics && found.statistics.polls !== '0' ? found : null;
  }, PATIENCE);
  expect(shown).toMatchObject({
    wakeupMode: 'MARKED',
    profile: null,
    statistics: { longGaps: '0', worstGapMs: null },
  });
});

const lineNames = async (): Promise<string[]> => {
  const { data } = await floor.ask('{ sasLines { name wakeupMode } }');
  return data.sasLines
    .filter(({ wakeupMode }: { readonly wakeupMode: string }) => wakeupMode === 'MARKED')
    .map(({ name }: { readonly name: string }) => name);
};
