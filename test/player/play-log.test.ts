import { expect, test } from 'vitest';
import type { StateOf } from '../../src/player/media.ts';
import { createPlayLog } from '../../src/player/play-log.ts';
import { createStage } from '../../src/player/stage.ts';
import { aPlayedLayout, aPlayedMedium, aPlayedPlaylist } from '../support/played.ts';

const HOUR_MS = 3_600_000;
const WHOLE: StateOf = () => 'WHOLE';

function aLog(stateOf: StateOf = WHOLE) {
  let plays = 0;
  const stage = createStage('SCREEN-1', stateOf);
  const log = createPlayLog(() => {
    plays += 1;
    return `play-${plays}`;
  });
  return { stage, log, at: (atMs: number) => log.note(stage.showings(atMs), atMs) };
}

const words = { __typename: 'TextContent', text: 'Welcome' } as const;
const poster = { __typename: 'MediaContent', media: aPlayedMedium('poster') } as const;
const films = {
  __typename: 'PlaylistContent',
  playlist: aPlayedPlaylist([
    ['one', 'PT5S'],
    ['two', 'PT10S'],
  ]),
} as const;

test('a layout of words is one play from its beginning to its end', () => {
  const { stage, at } = aLog();
  expect(at(0)).toEqual([]);
  stage.show(1n, aPlayedLayout({ words }));
  expect(at(1_000)).toEqual([]);
  // The same once more, as when the player was cut off.
  stage.show(1n, aPlayedLayout({ words }));
  expect(at(2_000)).toEqual([]);
  stage.show(2n, null);
  expect(at(4_500)).toEqual([
    {
      playId: 'play-1',
      layoutId: 'layout',
      revision: 1,
      regionId: null,
      mediaId: null,
      startedAt: '1970-01-01T00:00:01.000Z',
      durationMs: 3_500,
    },
  ]);
  expect(at(9_000)).toEqual([]);
});

test('each turn of a playlist is a play, and a poster beside it is another', () => {
  const { stage, at } = aLog();
  stage.show(1n, aPlayedLayout({ films, poster }));
  expect([at(1_000), stage.changesAt(1_000)]).toEqual([[], 5_000]);
  expect([at(5_000), stage.changesAt(5_000)]).toMatchObject([
    [{ regionId: 'films', mediaId: 'id of one', durationMs: 4_000 }],
    15_000,
  ]);
  expect(at(15_000)).toMatchObject([{ mediaId: 'id of two', durationMs: 10_000 }]);
  stage.show(2n, null);
  expect(at(16_000)).toMatchObject([
    { regionId: 'poster', mediaId: 'id of poster', durationMs: 15_000 },
    { regionId: 'films', mediaId: 'id of one', startedAt: '1970-01-01T00:00:15.000Z', durationMs: 1_000 },
  ]);
});

test('a playlist of one begins anew with each round', () => {
  const { stage, at } = aLog();
  const playlist = aPlayedPlaylist([['one', 'PT5S']]);
  stage.show(1n, aPlayedLayout({ films: { __typename: 'PlaylistContent', playlist } }));
  at(0);
  expect(at(5_000)).toMatchObject([{ durationMs: 5_000 }]);
  expect(at(10_000)).toMatchObject([{ durationMs: 5_000 }]);
});

test('what nobody could see was not played', () => {
  let isThere = false;
  const { stage, at } = aLog(() => (isThere ? 'WHOLE' : 'MISSING'));
  stage.show(1n, aPlayedLayout({ poster }));
  expect([at(0), at(1_000)]).toEqual([[], []]);
  isThere = true;
  at(2_000);
  stage.switch(false);
  expect(at(3_000)).toMatchObject([{ mediaId: 'id of poster', durationMs: 1_000 }]);
  stage.switch(true);
  at(10_000);
  stage.identify(20_000);
  expect([at(15_000), stage.changesAt(15_000)]).toMatchObject([[{ durationMs: 5_000 }], 20_000]);
  expect(at(20_000)).toEqual([]);
  stage.show(2n, null);
  expect(at(21_000)).toMatchObject([{ durationMs: 1_000 }]);
});

test('what stays for long is told in hours, and of a time in which the player stood still no more than one', () => {
  const { stage, log, at } = aLog();
  stage.show(1n, aPlayedLayout({ words }));
  at(500);
  expect(log.dueAt()).toBe(500 + HOUR_MS);
  expect(at(500 + HOUR_MS)).toMatchObject([{ durationMs: HOUR_MS }]);
  expect(at(500 + 9 * HOUR_MS)).toMatchObject([
    { startedAt: '1970-01-01T01:00:00.500Z', durationMs: HOUR_MS },
  ]);
  stage.show(2n, null);
  at(500 + 9 * HOUR_MS);
  expect(log.dueAt()).toBeNull();
});
