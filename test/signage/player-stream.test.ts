import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventMap, EventType, LoggedEvent } from '../../src/events/events.ts';
import { createFeed } from '../../src/events/feed.ts';
import type { StateItem } from '../../src/events/source.ts';
import { createStreams } from '../../src/events/stream.ts';
import { newId } from '../../src/lib/ids.ts';
import type { LayoutRevision } from '../../src/signage/layout.ts';
import { type PlayerNews, playerSource } from '../../src/signage/player-stream.ts';
import { createRevisionShelf } from '../../src/signage/revision-shelf.ts';
import { createValueBoard } from '../../src/signage/value-board.ts';

/** What a device is told of when the database comes back. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

/** The stream of a device whose layout cannot be read while the database is away. */
async function aDeviceStream() {
  const [venueId, deviceId, layoutId] = [newId(), newId(), newId()];
  const listeners = new Set<(event: LoggedEvent) => void>();
  const pump = {
    get listeners() {
      return listeners.size;
    },
    add(listener: (event: LoggedEvent) => void) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {},
  };
  const log = newId();
  const silent = { ...pump, add: () => ({ [Symbol.dispose]() {} }) };
  const streams = createStreams({
    db: undefined as never,
    log,
    feed: createFeed(pump, { log, start: 0n }),
    signals: silent,
    signalsLost: silent,
    rightsApplied: async () => {},
  });
  const database = { isAway: true, reads: 0 };
  const revisionShelf = createRevisionShelf(async () => {
    database.reads += 1;
    if (database.isAway) throw new Error('away');
    return { layoutId, revision: 1, regions: [] as LayoutRevision['regions'] } as LayoutRevision;
  });
  const valueBoard = createValueBoard({
    read: () => Promise.reject(new Error('nothing is bound')),
    events: pump,
    streams,
    onError: () => {},
  });

  let position = 0n;
  async function happen<T extends EventType>(type: T, payload: EventMap[T]) {
    position += 1n;
    const event = {
      position,
      venueId,
      type,
      at: new Date(),
      actor: { kind: 'system', id: 'test' },
      origin: null,
      payload,
      xid: position,
    } as LoggedEvent;
    for (const listener of listeners) listener(event);
    await vi.advanceTimersByTimeAsync(0);
  }
  const heard: PlayerNews[] = [];
  const source = playerSource({ streams, valueBoard, revisionShelf }, { venueId, deviceId, after: null });
  const listening = source.listen(
    ({ value }: StateItem) => void heard.push(value as PlayerNews),
    () => {},
  );
  await happen('signage.layout-pushed', {
    deviceId,
    layoutId,
    revision: 1,
    cause: null,
    displayVersion: '1',
    desiredAt: new Date().toISOString(),
  } as unknown as EventMap['signage.layout-pushed']);
  return {
    database,
    listening,
    change: (version: number) =>
      happen('signage.content-changed', {
        contentType: 'LAYOUT',
        mediaId: null,
        playlistId: null,
        layoutId,
        playlistIds: [],
        action: 'UPDATE',
        version,
        sentData: null,
      }),
    versions: () => heard.flatMap((news) => (news.kind === 'CONTENT' ? [news.payload.version] : [])),
  };
}

test('changes of its content that could not be looked at are told in their order', async () => {
  const { database, change, versions } = await aDeviceStream();
  await change(1);
  database.isAway = false;
  await change(2);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(versions()).toEqual([1, 2]);
  await change(3);
  expect(versions()).toEqual([1, 2, 3]);
});

test('whoever has gone is told nothing any more, and nothing is read for him', async () => {
  const { database, listening, change, versions } = await aDeviceStream();
  await change(1);
  const before = database.reads;
  listening[Symbol.dispose]();
  database.isAway = false;
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(database.reads).toBe(before);
  expect(versions()).toEqual([]);
});

test('nor when he goes while it is read', async () => {
  const { database, listening, change, versions } = await aDeviceStream();
  const changing = change(1);
  database.isAway = false;
  listening[Symbol.dispose]();
  await changing;
  const { reads } = database;
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(database.reads).toBe(reads);
  expect(versions()).toEqual([]);
});
