import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { recordException } from '../../src/machine/service.ts';
import { aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { byHash, documentWaysTo, sha256 } from '../support/document-ways.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A server that runs the documents of its list and no others: PERSISTED_DOCUMENTS_ONLY. */
const NAMES = 'query Names { machines(first: 10) { nodes { name } } }';
const PLACE = '{ machineEvents(first: 1) { cursor } }';
const EVENTS = `subscription Events($after: Cursor) {
  events(types: ["machine.event-raised"], after: $after) { at type cursor }
}`;
const LOGIN = `mutation LogIn($input: LoginInput!) {
  login(input: $input) { ... on LoginSuccess { expiresIn } ... on Error { code } }
}
query Sum { machines(first: 100) { totalCount } }`;
const LISTED = [NAMES, PLACE, EVENTS, LOGIN];

const file = join(await temporaryFolder(), 'documents.json');
await writeFile(file, JSON.stringify(Object.fromEntries(LISTED.map((text) => [sha256(text), text]))));
const floor = await aFloorApp({
  machines: 1,
  settings: { persistedDocumentsFile: file, persistedDocumentsOnly: true },
});
const { url } = floor.app();

const REFUSED = {
  errors: [{ extensions: { code: 'API_001', details: { reason: 'UnlistedDocumentError' } } }],
};

async function raise(exceptionCode: number): Promise<void> {
  const machineId = Buffer.from(floor.machineIds[0] ?? '', 'base64url')
    .toString()
    .replace('Machine:', '');
  await floor.app().services.runWork(system('test'), (work) =>
    recordException(work, {
      venueId: floor.venueId,
      machineId,
      type: 'SLOT_DOOR_OPENED',
      exceptionCode,
      data: null,
      occurredAt: new Date(),
    }),
  );
}

describe.each(documentWaysTo(url))('over %s', (way, ask) => {
  test('a document of the list is run by its hash, by its id, and by its very text', async () => {
    const token = await floor.token('OPERATOR');
    const answer = { data: { machines: { nodes: [expect.anything()] } } };
    for (const request of [
      byHash(NAMES),
      { documentId: sha256(NAMES) },
      { documentId: `sha256:${sha256(NAMES)}` },
      { query: NAMES },
      { query: NAMES, ...byHash(NAMES) },
    ])
      expect(await ask(request, token)).toMatchObject(answer);
  });

  test.each([
    ['another text', { query: '{ __typename }' }],
    ['a text that differs by a blank', { query: `${NAMES} ` }],
    ['another text with its hash', { query: '{ __typename }', ...byHash('{ __typename }') }],
    ['a hash that is not on it', byHash('{ __typename }')],
    ['an id that is not on it', { documentId: sha256('{ __typename }') }],
    ['another subscription', { query: 'subscription { systemStatus { __typename } }' }],
    ['what is no document', { query: '{' }],
    ['introspection', byHash(getIntrospectionQuery())],
  ])('%s is refused', async (_what, request) => {
    expect(await ask(request, await floor.token('ADMIN'))).toMatchObject(REFUSED);
    // Nor has it been learned.
    expect(await ask(byHash('{ __typename }'))).toMatchObject(REFUSED);
  });

  test('a text with the hash of a listed one is refused', async () => {
    expect(await ask({ query: '{ __typename }', ...byHash(NAMES) })).toMatchObject(REFUSED);
    expect(await ask({ query: PLACE, ...byHash(NAMES) })).toMatchObject({
      errors: [{ extensions: { code: 'API_001', details: { reason: 'HashMismatchError' } } }],
    });
  });

  test('rights are what they are', async () => {
    expect(await ask(byHash(NAMES))).toMatchObject({ errors: [{ extensions: { code: 'AUTH_001' } }] });
  });

  test('one of several operations is named', async () => {
    const token = await floor.token('OPERATOR');
    expect(await ask({ operationName: 'Sum', ...byHash(LOGIN) }, token)).toMatchObject({
      data: { machines: { totalCount: 1 } },
    });
    const isGet = way.includes('GET');
    const variables = { input: { identifier: 'operator', password: PASSWORD } };
    const answer = await ask({ operationName: 'LogIn', variables, ...byHash(LOGIN) });
    if (isGet) expect(answer).not.toHaveProperty('data');
    else expect(answer).toMatchObject({ data: { login: { expiresIn: 3_600 } } });
  });
});

const streams = documentWaysTo(url).filter(([way]) => /events|socket/.test(way));
test.each(streams)('over %s events are followed from a cursor on', async (_way, ask) => {
  const token = await floor.token('OPERATOR');
  const { data } = await ask(byHash(PLACE), token);
  const variables = { after: data.machineEvents.cursor };
  await raise(1);
  const first = await ask({ variables, ...byHash(EVENTS) }, token);
  expect(first).toMatchObject({ data: { events: { at: expect.any(String), type: 'machine.event-raised' } } });
  const again = await ask({ variables, documentId: sha256(EVENTS) }, token);
  expect(again.data.events.at).toBe(first.data.events.at);
});

test('GraphiQL opens, and the schema can be had', async () => {
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(await (await fetch(`${url}/schema.graphql`)).text()).toContain('type Query');
});
