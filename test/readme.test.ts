import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const prose = readme.replaceAll(/^```.*?^```$/gms, '');
/** As GitHub names them in addresses. */
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
const anchorsIn = (text: string, heading: RegExp) =>
  [...text.matchAll(heading)].map(([, title = '']) => anchorOf(title));
const linksIn = (text: string) => [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

test('each link within README leads to a section', () => {
  expect(anchorsIn(prose, /^#+ (.*)$/gm)).toEqual(expect.arrayContaining(linksIn(prose)));
});

test('the contents name every section that comes after them', () => {
  const [, contents = '', rest = ''] = /^## Contents\n(.*?)^(## .*)/ms.exec(prose) ?? [];
  expect(linksIn(contents)).toEqual(expect.arrayContaining(anchorsIn(rest, /^## (.*)$/gm)));
  expect(new Set(linksIn(contents)).size).toBe(linksIn(contents).length);
});
