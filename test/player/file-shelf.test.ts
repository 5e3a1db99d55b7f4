import { createHash } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderShelf, volatileShelf } from '../../src/player/file-shelf.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
async function* chunksOf(text: string) {
  for (const character of text) yield Buffer.from(character);
}

const folder = await temporaryFolder();
const inFolder = join(folder, 'screen.json.files');

test.each([
  ['in memory', volatileShelf()],
  ['in a folder', folderShelf(inFolder)],
])('%s a file is kept when it is what it shall be, until it is wanted no more', async (_, shelf) => {
  const [one, two] = [sha256Of('one'), sha256Of('two')];
  expect(await shelf.look(one)).toBe('MISSING');
  expect(await shelf.put(one, chunksOf('one'))).toBe(one);
  expect(await shelf.look(one)).toBe('WHOLE');
  expect(await shelf.put(two, chunksOf('three'))).toBe(sha256Of('three'));
  expect(await shelf.look(two)).toBe('MISSING');
  await shelf.put(two, chunksOf('two'));
  await shelf.keepOnly([two]);
  expect([await shelf.look(one), await shelf.look(two)]).toEqual(['MISSING', 'WHOLE']);
});

test('in a folder it outlives the process, is for its owner alone, and is read again', async () => {
  const sha256 = sha256Of('poster');
  await folderShelf(inFolder).put(sha256, chunksOf('poster'));
  await folderShelf(inFolder).keepOnly([sha256]);
  expect(await readdir(inFolder)).toEqual([sha256]);
  expect((await stat(inFolder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(inFolder, sha256))).mode & 0o777).toBe(0o600);
  expect(await folderShelf(inFolder).look(sha256)).toBe('WHOLE');
  await writeFile(join(inFolder, sha256), 'poste');
  expect(await folderShelf(inFolder).look(sha256)).toBe('DAMAGED');
});

test('what breaks off leaves nothing, and what was there before as it was', async () => {
  const sha256 = sha256Of('film');
  const shelf = folderShelf(join(folder, 'broken'));
  await shelf.put(sha256, chunksOf('film'));
  async function* broken() {
    yield Buffer.from('fi');
    throw new Error('cut');
  }
  await expect(shelf.put(sha256, broken())).rejects.toThrow('cut');
  expect(await readdir(join(folder, 'broken'))).toEqual([sha256]);
  expect(await shelf.look(sha256)).toBe('WHOLE');
});

test('what is no SHA-256 leads nowhere, and files of others stay', async () => {
  const shelf = folderShelf(folder);
  await expect(shelf.put('../elsewhere', chunksOf('x'))).rejects.toThrow('no SHA-256');
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await shelf.keepOnly([]);
  expect(await readdir(folder)).toContain('notes.txt');
});
