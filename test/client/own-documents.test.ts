import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { createSession, OWN_DOCUMENTS, openChannels } from '../../src/client/floor-client.ts';
import { RENEW } from '../../src/client/renewal.ts';
import { SYSTEM_TIMERS } from '../../src/client/timers.ts';
import { PASSWORD } from '../support/builders.ts';
import { sha256 } from '../support/document-ways.ts';
import { noteSecrets } from '../support/secrets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aClientFloor, type ClientFloor, DOORS, type Door, heard, listener, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The client at a server that runs listed documents only: those of the app, and its own. */
const CLIENT = fileURLToPath(new URL('../../src/client/', import.meta.url));
const PLACE = '{ machineEvents(first: 1) { cursor } }';
const NEWEST =
  'query Newest { machineEvents(first: 100, types: [SLOT_DOOR_OPENED]) { cursor nodes { exceptionCode } } }';
const listed = [DOORS, PLACE, NEWEST, ...OWN_DOCUMENTS];
const folder = await temporaryFolder();
async function listedOnly(name: string, texts: readonly string[] = listed) {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(Object.fromEntries(texts.map((text) => [sha256(text), text]))));
  return { persistedDocumentsFile: file, persistedDocumentsOnly: true };
}
const lasting = await aClientFloor(await listedOnly('all.json'));
const short = await aClientFloor({ ...(await listedOnly('all.json')), accessTokenMinutes: 12 / 60 });
const withoutRenewal = listed.filter((text) => text !== RENEW);
const unrenewed = await aClientFloor(await listedOnly('without-renewal.json', withoutRenewal));

async function tokensOf({ floor }: ClientFloor) {
  const { auth } = floor.app().services;
  const signedIn = await auth.login(
    { identifier: 'operator', password: PASSWORD },
    { userAgent: 'test', address: '127.0.0.1' },
  );
  noteSecrets(signedIn);
  return signedIn;
}

async function aSession(floor: ClientFloor) {
  const { accessToken, refreshToken } = await tokensOf(floor);
  return createSession({
    url: floor.url,
    tokens: { accessToken, refreshToken, expiresIn: 12 },
    onTokens: noteSecrets,
  });
}

test('every text in the sources of the client is among its own documents', () => {
  const texts = readdirSync(CLIENT, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(CLIENT, path), 'utf8'))
    .flatMap((source) => [
      ...source.matchAll(/([`'])((?:\{ ?\n? *\w|mutation|query|subscription)[^`']*\})\1/g),
    ])
    .map(([, , text]) => text);
  expect(texts.length).toBeGreaterThan(5);
  expect(new Set(texts)).toEqual(new Set(OWN_DOCUMENTS));
});

test('it follows, is cut, outlives its tokens, and speaks on channels', async () => {
  const { floor, proxy, client, raise } = short;
  const way = client({ token: (await aSession(short)).token, timers: SYSTEM_TIMERS });
  const doors = listener();
  const { data } = await way.ask<Door>({ query: PLACE });
  way.on<Door>({ query: DOORS, variables: { after: data?.machineEvents.cursor } }, doors);
  const channels = openChannels(way);
  const words: unknown[] = [];
  channels.on('word', (message) => void words.push(message.data));
  await raise(2, 1);
  await heard(() => doors.codes.length === 2);
  // Words before that one may be heard too: nobody is counted while it is looked up behind what he goes on.
  let said = 0;
  await heard(async () => {
    said += 1;
    return (await channels.send({ type: 'word', data: said })) === 1;
  });
  await heard(() => words.at(-1) === said);
  proxy.cut('SOCKET');
  await raise(2, 3);
  await heard(() => doors.codes.length === 4);
  // One socket, for longer than its first token lasts: on a slow machine not every renewal comes in time.
  const renewals = () => floor.logged().split('"socket renewed"').length;
  let since = { begun: proxy.begun('SOCKET'), renewals: renewals() };
  await heard(() => {
    const now = { begun: proxy.begun('SOCKET'), renewals: renewals() };
    if (now.begun !== since.begun) since = now;
    return now.renewals > since.renewals + 1;
  });
  await raise(1, 5);
  await heard(() => doors.codes.length === 5);
  expect(doors.codes).toEqual(upTo(5));
  expect([doors.errors, words]).toEqual([[], upTo(said).slice(-words.length)]);
  channels.close();
});

test('without sockets it goes on by streams, and polls by what is listed', async () => {
  const { proxy, client, raise } = lasting;
  const way = client();
  const doors = listener();
  const { data } = await way.ask<Door>({ query: PLACE });
  const via = () => (way.status.state === 'fallback' ? way.status.via : way.status.state);
  way.on<Door>({ query: DOORS, variables: { after: data?.machineEvents.cursor } }, doors, {
    poll: {
      query: NEWEST,
      frames: (page) =>
        (page as { machineEvents: { nodes: object[] } }).machineEvents.nodes
          .map((machineEvents) => ({ machineEvents }))
          .reverse(),
      events: {
        keyOf: (frame) => String((frame as Door).machineEvents.exceptionCode),
        cursorOf: (page) => (page as Door).machineEvents.cursor,
      },
    },
  });
  await heard(() => via() === 'connected');
  proxy.block('SOCKET');
  await heard(() => via() === 'SSE');
  await raise(2, 1);
  await heard(() => doors.codes.length === 2);
  proxy.block('SOCKET', 'SSE');
  await heard(() => via() === 'POLLING');
  await raise(2, 3);
  await heard(() => doors.codes.length === 4);
  // Whether streams come through again is found out by a text of its own.
  proxy.block('SOCKET');
  await heard(() => via() === 'SSE');
  expect(doors.codes).toEqual(upTo(4));
  expect(doors.errors).toEqual([]);
});

test('where a socket cannot be renewed, another token has another socket', async () => {
  const { floor, proxy, client, raise } = unrenewed;
  let { accessToken } = await tokensOf(unrenewed);
  const way = client({ token: () => accessToken });
  const doors = listener();
  way.on<Door>({ query: DOORS, variables: { after: await floor.cursor() } }, doors);
  await raise(1);
  await heard(() => doors.codes.length === 1);
  const sockets = proxy.begun('SOCKET');
  ({ accessToken } = await tokensOf(unrenewed));
  way.updateToken();
  await heard(() => proxy.begun('SOCKET') === sockets + 1);
  await raise(1, 2);
  await heard(() => doors.codes.length === 2);
  expect([doors.codes, doors.errors]).toEqual([upTo(2), []]);
});
