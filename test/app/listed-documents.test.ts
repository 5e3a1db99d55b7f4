import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { expect, test } from 'vitest';
import { readListedDocuments } from '../../src/app/listed-documents.ts';
import { readConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/config-error.ts';
import { sha256 } from '../support/document-ways.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = await temporaryFolder();
const path = join(folder, 'documents.json');

async function read(content?: string) {
  if (content !== undefined) await writeFile(path, content);
  const environment = { DATA_DIR: folder, PERSISTED_DOCUMENTS: path, PERSISTED_DOCUMENTS_ONLY: '1' };
  return await readListedDocuments(readConfig(environment));
}

const problems = (content?: string) =>
  read(content).then(
    () => [],
    (error) => (error instanceof ConfigError ? error.problems : [String(error)]),
  );

test('without a file nothing is listed', async () => {
  const { texts, isAll } = await readListedDocuments(readConfig({ DATA_DIR: folder }));
  expect([texts.size, isAll]).toEqual([0, false]);
});

test('a file that is not there, no JSON, or of another shape is named', async () => {
  expect(await problems()).toEqual([
    expect.stringMatching(/^PERSISTED_DOCUMENTS: \/.*\/documents\.json cannot be used: ENOENT/),
  ]);
  const cannot = (why: string | RegExp) => [
    expect.stringMatching(
      new RegExp(`^PERSISTED_DOCUMENTS: ${path} cannot be used: ${why instanceof RegExp ? why.source : why}`),
    ),
  ];
  expect(await problems('{ "a": ')).toEqual(cannot(/.*JSON/));
  expect(await problems('["{ __typename }"]')).toEqual(cannot('is no object of texts by their hashes$'));
  expect(await problems('{ "a": { "body": "{ __typename }" } }')).toEqual(cannot('a is no text$'));
});

test('each document that is not of its hash, or cannot be run, is named', async () => {
  const unknown = 'query Unknown { nothing }';
  const broken = 'query Broken { ';
  const deep = `query Deep { machines { nodes ${'{ line { machines { nodes '.repeat(7)}{ id }${' } } }'.repeat(7)} } }`;
  const listed = {
    aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d: '{ __typename }',
    [sha256('{ __typename }')]: '{ __typename }',
    [sha256(unknown)]: unknown,
    [`sha256:${sha256(broken)}`]: broken,
    [sha256(deep)]: deep,
  };
  const named = `PERSISTED_DOCUMENTS: ${path}`;
  expect(await problems(JSON.stringify(listed))).toEqual([
    `${named} aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d is not the SHA-256 of its document`,
    expect.stringMatching(
      new RegExp(
        `^${named} ${sha256(unknown)} cannot be run: Cannot query field "nothing" on type "Query"\\.`,
      ),
    ),
    `${named} sha256:${sha256(broken)} cannot be run: Syntax Error: Expected Name, found <EOF>.`,
    `${named} ${sha256(deep)} cannot be run: The operation is 24 fields deep; 15 are allowed.`,
  ]);
});

test('it takes what graphql-codegen writes', async () => {
  const documents = join(folder, 'operations.graphql');
  await writeFile(
    documents,
    `query Names { machines(first: 1) { nodes { ...Name } } } fragment Name on Machine { name id }
    subscription Doors($after: Cursor) { machineEvents(after: $after) { type cursor } }`,
  );
  const written: { readonly filename: string; readonly content: string }[] = await generate(
    {
      schema: 'schema.graphql',
      documents,
      silent: true,
      generates: {
        [`${folder}/gql/`]: {
          preset: 'client',
          presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
        },
      },
    },
    false,
  );
  const made = written.find(({ filename }) => filename.endsWith('persisted-documents.json'));
  const { texts, isAll } = await read(made?.content);
  expect(isAll).toBe(true);
  expect([...texts.values()].join('\n')).toMatch(/query Names[\s\S]*subscription Doors/);
  expect([...texts].every(([hash, text]) => hash === sha256(text))).toBe(true);
});
