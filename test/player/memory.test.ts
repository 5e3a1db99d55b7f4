import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileMemory } from '../../src/player/memory.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = await temporaryFolder();

test('what was saved last is there after a restart, for its owner alone', async () => {
  const path = join(folder, 'player.json');
  const memory = fileMemory(path);
  expect(await memory.load()).toBeNull();
  await Promise.all([1, 2, 3].map((number) => memory.save({ number })));
  expect(await fileMemory(path).load()).toEqual({ number: 3 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['player.json']);
});

test('a file that was cut off is none, and one that cannot be read is told', async () => {
  const path = join(folder, 'cut.json');
  await writeFile(path, '{"number":');
  expect(await fileMemory(path).load()).toBeNull();
  await expect(fileMemory(folder).load()).rejects.toMatchObject({ code: 'EISDIR' });
});
