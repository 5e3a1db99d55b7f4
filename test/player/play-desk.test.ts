import { expect, test } from 'vitest';
import { DeskError } from '../../src/player/desk.ts';
import { createPlayDesk } from '../../src/player/play-desk.ts';
import type { Play } from '../../src/player/play-log.ts';
import { manualTimers } from '../support/manual-timers.ts';
import { scriptedDesk, unreachable } from '../support/scripted-desk.ts';

const somePlays = (count: number, from = 0): readonly Play[] =>
  Array.from({ length: count }, (_, at) => ({
    playId: `play-${from + at}`,
    layoutId: 'layout',
    revision: 1,
    regionId: null,
    mediaId: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1_000,
  }));

function aPlayDesk(waiting: readonly Play[] = []) {
  const timers = manualTimers();
  const server = scriptedDesk();
  let kept = waiting;
  let batches = 0;
  const plays = createPlayDesk({
    desk: server,
    timers,
    newId() {
      batches += 1;
      return `batch-${batches}`;
    },
    waiting,
    onWaiting(now) {
      kept = now;
    },
    onError: () => {},
  });
  const told = () =>
    server.asked.map(({ input }) => [
      input.batchId,
      input.plays.map(({ playId }: { readonly playId: string }) => playId),
    ]);
  return { timers, server, plays, told, kept: () => kept };
}

test('what is shown within a minute is told together, in order', async () => {
  const { timers, plays, told, kept } = aPlayDesk();
  plays.add(somePlays(1));
  await timers.advance(59_000);
  plays.add(somePlays(2, 1));
  expect([told(), kept()]).toEqual([[], somePlays(3)]);
  await timers.advance(1_000);
  expect(told()).toEqual([['batch-1', ['play-0', 'play-1', 'play-2']]]);
  expect(kept()).toEqual([]);
  await timers.advance(600_000);
  expect(told()).toHaveLength(1);
});

test('what did not come is told again as it was, and what was shown meanwhile behind it', async () => {
  const { timers, server, plays, told, kept } = aPlayDesk(somePlays(1));
  server.answer = unreachable;
  plays.hurry();
  await timers.advance(5_000);
  plays.add(somePlays(1, 1));
  expect(told()).toEqual([
    ['batch-1', ['play-0']],
    ['batch-1', ['play-0']],
  ]);
  expect(kept()).toEqual(somePlays(2));
  server.answer = () => ({});
  plays.hurry();
  await timers.advance(0);
  expect(told().slice(2)).toEqual([
    ['batch-1', ['play-0']],
    ['batch-2', ['play-1']],
  ]);
  expect(kept()).toEqual([]);
});

test('more than the server takes at a time come in parts, and of more than can be kept the newest', async () => {
  const { timers, plays, told } = aPlayDesk(somePlays(500));
  plays.add(somePlays(10_000, 500));
  plays.hurry();
  await timers.advance(0);
  const parts = told().map(([, ids]) => ids);
  expect(parts.map((ids) => ids.length)).toEqual(Array.from({ length: 20 }, () => 500));
  expect([parts[0]?.[0], parts.at(-1)?.at(-1)]).toEqual(['play-500', 'play-10499']);
});

test('what the server refuses keeps nothing else from being told', async () => {
  const { timers, server, plays, told, kept } = aPlayDesk(somePlays(501));
  server.answer = ({ input }) => {
    if (input.batchId === 'batch-1') throw new DeskError('API_001', 'No.');
    return {};
  };
  plays.hurry();
  await timers.advance(0);
  expect(told().map(([batchId]) => batchId)).toEqual(['batch-1', 'batch-2']);
  expect(kept()).toEqual([]);
});

test('a player that is switched off tells nothing more, and keeps it', async () => {
  const { timers, plays, told, kept } = aPlayDesk();
  plays.add(somePlays(1));
  plays.stop();
  await timers.advance(600_000);
  expect([told(), kept()]).toEqual([[], somePlays(1)]);
});
