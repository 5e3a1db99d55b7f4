import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FOLLOWABLE_EVENTS } from '../../src/graphql/followable-events.ts';

const SOURCES = new URL('../../src/', import.meta.url);

test('every type of event that a domain declares can be followed by somebody', async () => {
  const declared: string[] = [];
  for (const path of await readdir(SOURCES, { recursive: true })) {
    if (!/[/-]events\.ts$/.test(path)) continue;
    const [, map = ''] =
      /interface EventMap \{\n(.*?)^ {2}\}/ms.exec(await readFile(new URL(path, SOURCES), 'utf8')) ?? [];
    declared.push(...[...map.matchAll(/^ {4}'([a-z.-]+)':/gm)].map(([, type = '']) => type));
  }
  expect(declared.length).toBeGreaterThan(30);
  expect([...FOLLOWABLE_EVENTS.keys()].sort()).toEqual(declared.sort());
});
