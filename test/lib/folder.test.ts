import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/lib/folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string, mode?: number) => makeFolderSync(path, mode)],
])('%s', (_name, make) => {
  test('makes what is missing above it too, and leaves what is there as it is', async () => {
    const folder = await temporaryFolder();
    await make(join(folder, 'a/b'), 0o700);
    expect((await stat(join(folder, 'a/b'))).mode & 0o777).toBe(0o700);
    await make(join(folder, 'a/b'), 0o755);
    expect((await stat(join(folder, 'a/b'))).mode & 0o777).toBe(0o700);
  });

  test('may be asked for the same by many at once', async () => {
    const folder = join(await temporaryFolder(), 'a/b/c');
    await Promise.all(Array.from({ length: 10 }, () => make(folder)));
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  test('refuses where something else lies in the way', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(make(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(file, 'below'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test.runIf(existsSync('/proc'))('refuses where the folder above takes none', async () => {
    await expect(make('/proc/floorwire/files')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
