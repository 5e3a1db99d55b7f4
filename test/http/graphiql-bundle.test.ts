import { expect, test } from 'vitest';
import { createGraphiql } from '../../src/http/graphiql.ts';

test('a page that could not be read once is read when the next browser comes, and then no more', async () => {
  let reads = 0;
  const graphiql = createGraphiql(async () => {
    reads += 1;
    if (reads === 1) throw new Error('EMFILE: too many open files');
    return { html: '<!doctype html>', assets: new Map() };
  });
  await expect(graphiql.page()).rejects.toThrow('EMFILE');
  expect((await graphiql.page()).body).toBe('<!doctype html>');
  await graphiql.page();
  expect(reads).toBe(2);
});
