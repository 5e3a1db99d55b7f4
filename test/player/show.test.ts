import { expect, test } from 'vitest';
import type { WantedFile } from '../../src/player/download.ts';
import type { PlayedLayout } from '../../src/player/layout.ts';
import type { Library } from '../../src/player/library.ts';
import type { FileState } from '../../src/player/media.ts';
import { type Applied, createShow, type PushedLayout } from '../../src/player/show.ts';
import { createStage } from '../../src/player/stage.ts';
import { manualTimers } from '../support/manual-timers.ts';
import { aPlayedLayout, aPlayedMedium } from '../support/played.ts';

/** A show whose files are looked for when a test says so. */
function aShow() {
  const timers = manualTimers();
  const states = new Map<string, FileState>();
  const looked: ((isWanted: boolean) => void)[] = [];
  const library: Library = {
    stateOf: ({ sha256 }) => states.get(sha256) ?? 'FETCHING',
    want: () => new Promise((resolve) => looked.push(resolve)),
    doubt: () => {},
    stop: () => {},
  };
  const told: Applied[] = [];
  const shown: PushedLayout[] = [];
  let readings = 0;
  const stage = createStage('SCREEN-1', library.stateOf);
  const show = createShow({
    stage,
    library,
    timers,
    onShown: (pushed) => void shown.push(pushed),
    onApplied: (applied) => void told.push(applied),
    readAnew() {
      readings += 1;
    },
  });
  return {
    timers,
    stage,
    show,
    told,
    shown,
    readings: () => readings,
    /** What was asked for last was looked for, and this is how it stands. */
    async comes({ sha256 }: WantedFile, state: FileState, { isWanted = true } = {}) {
      states.set(sha256, state);
      looked.at(-1)?.(isWanted);
      await timers.advance(0);
    },
  };
}

const poster = aPlayedMedium('poster');
const withPoster = aPlayedLayout({ poster: { __typename: 'MediaContent', media: poster } });
const words = aPlayedLayout({ head: { __typename: 'TextContent', text: 'Welcome' } });
const pushed = (displayVersion: string, layout: PlayedLayout | null): PushedLayout => ({
  displayVersion,
  layout,
});

test('what needs no file is applied at once, and so is nothing', () => {
  const { show, told, shown } = aShow();
  show.give(pushed('1', words));
  show.give(pushed('2', null));
  // It never was to show anything: nobody waits for an answer.
  show.give(pushed('0', null));
  expect(told).toEqual([
    { displayVersion: '1', failure: null },
    { displayVersion: '2', failure: null },
  ]);
  expect(shown).toHaveLength(3);
});

test('a layout is on the stage at once, and applied when its media are there', async () => {
  const { show, stage, told, comes } = aShow();
  show.give(pushed('1', withPoster));
  expect([stage.layout, told]).toEqual([withPoster, []]);
  await comes(poster, 'WHOLE');
  show.give(pushed('1', withPoster));
  expect(told).toEqual([
    { displayVersion: '1', failure: null },
    { displayVersion: '1', failure: null },
  ]);
});

test('what another layout took the place of is not told any more', async () => {
  const { show, told, comes } = aShow();
  show.give(pushed('1', withPoster));
  await comes(poster, 'MISSING', { isWanted: false });
  expect(told).toEqual([]);
});

test('with a medium missing it has failed, and asks again, each time later, until it is there', async () => {
  const { show, told, timers, readings, comes } = aShow();
  const missing = { displayVersion: '1', failure: 'poster is missing.' };
  for (const waitMs of [5_000, 10_000, 20_000]) {
    const before = readings();
    show.give(pushed('1', withPoster));
    await comes(poster, 'MISSING');
    expect(told.at(-1)).toEqual(missing);
    await timers.advance(waitMs - 1);
    expect(readings()).toBe(before);
    await timers.advance(1);
    expect(readings()).toBe(before + 1);
  }
  show.give(pushed('1', withPoster));
  await comes(poster, 'WHOLE');
  expect(told.at(-1)).toEqual({ displayVersion: '1', failure: null });
  await timers.advance(3_600_000);
  expect(readings()).toBe(3);
});

test('another layout does not wait for as long as the one before', async () => {
  const { show, timers, readings, comes } = aShow();
  for (const displayVersion of ['1', '1', '2']) {
    show.give(pushed(displayVersion, withPoster));
    await comes(poster, 'DAMAGED');
  }
  await timers.advance(5_000);
  expect(readings()).toBe(1);
});

test('what it does not know it says it cannot show, and goes on with what it shows', () => {
  const { show, stage, told, shown } = aShow();
  show.give(pushed('1', words));
  const strange = { __typename: 'HologramContent' } as never;
  show.give(pushed('2', aPlayedLayout({ ghost: strange })));
  expect(told.at(-1)).toEqual({
    displayVersion: '2',
    failure: 'Region ghost: this player cannot show HologramContent.',
  });
  expect([stage.displayVersion, shown.length]).toEqual([1n, 1]);
});

test('of what it showed before it was switched off it says nothing', async () => {
  const { show, stage, told, shown, timers, comes } = aShow();
  show.restore(pushed('7', withPoster));
  await comes(poster, 'MISSING');
  await timers.advance(3_600_000);
  expect([stage.displayVersion, told, shown]).toEqual([7n, [], []]);
});
