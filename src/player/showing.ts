import type { PlayedLayout, PlayedRegion } from './layout.ts';
import { type PlayedMedia, type StateOf, turnAt } from './media.ts';

/** Something on the screen, as proof of play counts it. */
export interface Showing {
  /** The same for as long as it is there; another one when it comes again. */
  readonly key: string;
  readonly layoutId: string;
  readonly revision: number;
  /** Null: the layout as a whole. */
  readonly regionId: string | null;
  readonly mediaId: string | null;
}

/**
 * What a layout shows at an instant: each medium that is there, in its region; the whole of a layout that has none in
 * it, so that no time is counted twice where one will do.
 */
export function showingsOf(
  layout: PlayedLayout,
  { atMs, stateOf }: { readonly atMs: number; readonly stateOf: StateOf },
): readonly Showing[] {
  const { layoutId, revision, regions } = layout;
  const of = { layoutId, revision };
  const own = `${layoutId}@${revision}`;
  if (!regions.some(isOfMedia)) return [{ ...of, key: own, regionId: null, mediaId: null }];
  return regions.flatMap((region) => {
    const { media, startsMs } = shownIn(region, atMs);
    if (!media || stateOf(media) !== 'WHOLE') return [];
    const { regionId } = region;
    const key = [own, regionId, media.id, media.sha256, startsMs].join(' ');
    return [{ ...of, key, regionId, mediaId: media.id }];
  });
}

/** When the next turn in one of its playlists ends; null: it has none. */
export function turnsEndAt({ regions }: PlayedLayout, atMs: number): number | null {
  const ends = regions.flatMap((region) => shownIn(region, atMs).endsMs ?? []);
  return ends.length > 0 ? Math.min(...ends) : null;
}

const isOfMedia = ({ content }: PlayedRegion): boolean =>
  content.__typename === 'MediaContent' || content.__typename === 'PlaylistContent';

interface Shown {
  readonly media: PlayedMedia | null;
  /** Null: it is there all the time. */
  readonly startsMs: number | null;
  readonly endsMs: number | null;
}

const ALWAYS = { startsMs: null, endsMs: null };

function shownIn({ content }: PlayedRegion, atMs: number): Shown {
  if (content.__typename === 'MediaContent') return { media: content.media, ...ALWAYS };
  const turn = content.__typename === 'PlaylistContent' ? turnAt(content.playlist, atMs) : null;
  return turn ?? { media: null, ...ALWAYS };
}
