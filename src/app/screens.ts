import type { HotReads } from '../db/hot-read.ts';
import { readBoundValue } from '../signage/bound-value-store.ts';
import type { PlayerStreamParts } from '../signage/player-stream.ts';
import { createRevisionShelf } from '../signage/revision-shelf.ts';
import { findRevisions } from '../signage/revision-store.ts';
import { createValueBoard } from '../signage/value-board.ts';
import type { Ground } from './ground.ts';

/** What the screens of this process share. */
export function screenParts(
  { db, log, onError }: Ground,
  hotReads: Pick<HotReads, 'read'>,
): Pick<PlayerStreamParts, 'valueBoard' | 'revisionShelf'> {
  const store = { db, hotReads, now: () => new Date() };
  return {
    valueBoard: createValueBoard({
      read: (venueId, binding) => readBoundValue(store, venueId, binding),
      events: log.events,
      streams: log.streams,
      onError,
    }),
    revisionShelf: createRevisionShelf(async (venueId, at) => {
      const [revision] = await findRevisions(db, venueId, [at]);
      return revision ?? null;
    }),
  };
}
