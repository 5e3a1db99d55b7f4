import { expect, test } from 'vitest';
import { DownloadError, type WantedFile } from '../../src/player/download.ts';
import { volatileShelf } from '../../src/player/file-shelf.ts';
import { createLibrary } from '../../src/player/library.ts';
import { aPlayedMedium } from '../support/played.ts';

/** A library whose files come when a test says so. */
function aLibrary({ others = [] }: { readonly others?: readonly string[] } = {}) {
  const asked: WantedFile[] = [];
  const kept = new Set<string>();
  let come: (file: WantedFile, signal: AbortSignal) => Promise<void> = async ({ sha256 }) => {
    kept.add(sha256);
  };
  const library = createLibrary({
    shelf: {
      ...volatileShelf(),
      look: async (sha256) => (kept.has(sha256) ? 'WHOLE' : 'MISSING'),
      async keepOnly(sha256s) {
        for (const sha256 of kept) if (!sha256s.includes(sha256)) kept.delete(sha256);
      },
    },
    async fetchFile(file, signal) {
      asked.push(file);
      await come(file, signal);
    },
    others: () => others,
    onChange: () => {},
    onError: () => {},
  });
  const names = () => asked.map(({ sha256 }) => sha256.replace(/0+$/, ''));
  return {
    library,
    kept,
    names,
    comes: (how: typeof come) => {
      come = how;
    },
  };
}

const one = aPlayedMedium('one');
const two = aPlayedMedium('two');
const three = aPlayedMedium('three');

test('what is wanted is fetched once, and what is wanted no more is forgotten, but for what others need', async () => {
  const { library, kept, names } = aLibrary({ others: [one.sha256] });
  expect(library.stateOf(one)).toBe('FETCHING');
  expect(await library.want([one, two, one])).toBe(true);
  expect([library.stateOf(one), library.stateOf(two), names()]).toEqual(['WHOLE', 'WHOLE', ['one', 'two']]);
  expect(await library.want([three])).toBe(true);
  expect([...kept]).toEqual([one.sha256, three.sha256]);
  expect(await library.want([one])).toBe(true);
  expect(names()).toEqual(['one', 'two', 'three']);
});

test('what does not come is missing, what is another is damaged, and the next time it may be right', async () => {
  const { library, comes } = aLibrary();
  comes(async ({ sha256 }) => {
    throw new DownloadError('No.', { sha256: sha256 === two.sha256 ? 'f'.repeat(64) : null });
  });
  expect(await library.want([one, two])).toBe(true);
  expect([library.stateOf(one), library.stateOf(two)]).toEqual(['MISSING', 'DAMAGED']);
  comes(async () => {});
  expect(await library.want([one, two])).toBe(true);
  expect([library.stateOf(one), library.stateOf(two)]).toEqual(['WHOLE', 'WHOLE']);
});

test('what was wanted before is given up for what is wanted now', async () => {
  const { library, comes, names } = aLibrary();
  comes(({ sha256 }, signal) =>
    sha256 === one.sha256
      ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : Promise.resolve(),
  );
  const before = library.want([one, two]);
  // As soon as it is under way.
  while (names().length === 0) await Promise.resolve();
  expect(await library.want([three])).toBe(true);
  expect([await before, names()]).toEqual([false, ['one', 'three']]);
});

test('in doubt it looks again at what it has, and fetches what is not there any more', async () => {
  const { library, kept, names } = aLibrary();
  await library.want([one, two]);
  kept.delete(two.sha256);
  await library.want([one, two]);
  expect(names()).toEqual(['one', 'two']);
  library.doubt();
  await library.want([one, two]);
  expect(names()).toEqual(['one', 'two', 'two']);
});

test('a shelf that fails is as one without the file', async () => {
  const library = createLibrary({
    shelf: {
      ...volatileShelf(),
      look: async () => {
        throw new Error('disk');
      },
    },
    fetchFile: async () => {},
    others: () => [],
    onChange: () => {},
    onError: () => {},
  });
  expect(await library.want([one])).toBe(true);
  expect(library.stateOf(one)).toBe('MISSING');
});
