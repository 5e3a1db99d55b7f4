import { expect, test } from 'vitest';
import { contentLines, whatIsMissing } from '../../src/player/layout.ts';
import { type FileState, mediaLines, turnAt } from '../../src/player/media.ts';
import { aPlayedLayout, aPlayedMedium, aPlayedPlaylist } from '../support/played.ts';

test.each([
  ['WHOLE', []],
  ['FETCHING', ['is being fetched']],
  ['MISSING', ['is missing']],
  ['DAMAGED', ['is damaged']],
] as const)('a medium that is %s says what it is', (state: FileState, lines: readonly string[]) => {
  expect(mediaLines(aPlayedMedium('poster'), state)).toEqual([
    '[image] poster',
    'poster.png, 640×480, 1.2 kB',
    ...lines,
  ]);
});

test.each([
  ['0', '0 bytes'],
  ['999', '999 bytes'],
  ['1000', '1.0 kB'],
  ['25600', '26 kB'],
  ['7340032', '7.3 MB'],
  ['5368709120', '5.4 GB'],
])('%s bytes are %s', (byteSize, text) => {
  const film = aPlayedMedium('film', { kind: 'VIDEO', width: null, height: null, byteSize });
  expect(mediaLines(film, 'WHOLE')).toEqual(['[video] film', `film.png, ${text}`]);
});

const round = aPlayedPlaylist([
  ['one', 'PT5S'],
  ['two', null],
  ['three', 'PT1M5S'],
]);

test.each([
  [0, 'one', 0, 5_000],
  [4_999, 'one', 0, 5_000],
  // As long as it takes, which text does not know.
  [5_000, 'two', 5_000, 15_000],
  [15_000, 'three', 15_000, 80_000],
  [79_999, 'three', 15_000, 80_000],
  [80_000, 'one', 80_000, 85_000],
  [1_760_000_000_000, 'one', 1_760_000_000_000, 1_760_000_005_000],
])('at %d it is the turn of %s', (atMs, name, startsMs, endsMs) => {
  expect(turnAt(round, atMs)).toMatchObject({ media: { name }, startsMs, endsMs, count: 3 });
});

test('what was deleted has no turn, and a playlist of nothing shows nothing', () => {
  const [one] = round.items;
  const left = { name: 'Left', items: [{ media: null, duration: 'PT5S' }, ...(one ? [one] : [])] };
  expect(turnAt(left, 0)).toMatchObject({ media: { name: 'one' }, place: 1, count: 1 });
  for (const playlist of [null, { name: 'Empty', items: [] }]) {
    const content = { __typename: 'PlaylistContent', playlist } as const;
    expect(contentLines(content, { value: undefined, atMs: 0, stateOf: () => 'WHOLE' })).toEqual(['–']);
  }
});

test('a region with a playlist says what its turn is, and which of how many', () => {
  const content = { __typename: 'PlaylistContent', playlist: round } as const;
  const lines = (atMs: number) => contentLines(content, { value: undefined, atMs, stateOf: () => 'WHOLE' });
  expect(lines(0)).toEqual(['[image] one', 'one.png, 640×480, 1.2 kB', '1 of 3 of Round, 5 s']);
  expect(lines(5_000).at(-1)).toBe('2 of 3 of Round, as long as it takes');
});

test('all that is not there is told, each once, and within what the server takes', () => {
  const poster = aPlayedMedium('poster');
  const layout = aPlayedLayout({
    left: { __typename: 'MediaContent', media: poster },
    right: { __typename: 'MediaContent', media: poster },
    below: { __typename: 'PlaylistContent', playlist: round },
  });
  const states: Readonly<Record<string, FileState>> = { poster: 'MISSING', two: 'DAMAGED' };
  const stateOf = ({ sha256 }: { readonly sha256: string }) => states[sha256.replace(/0+$/, '')] ?? 'WHOLE';
  expect(whatIsMissing(layout, stateOf)).toBe('poster is missing. two is damaged.');
  expect(whatIsMissing(layout, () => 'WHOLE')).toBeNull();
  const many = aPlayedPlaylist(Array.from({ length: 100 }, (_, at) => [`medium ${at}`, 'PT5S']));
  const said = whatIsMissing(
    aPlayedLayout({ all: { __typename: 'PlaylistContent', playlist: many } }),
    () => 'MISSING',
  );
  expect(said).toHaveLength(500);
});
