import type { PlayedLayout, PlayedRegion } from './layout.ts';
import { type Turn, turnAt } from './media.ts';

/** When the next turn in one of its playlists ends; null: it has none. */
export function turnsEndAt({ regions }: PlayedLayout, atMs: number): number | null {
  const ends = regions.flatMap((region) => turnIn(region, atMs)?.endsMs ?? []);
  return ends.length > 0 ? Math.min(...ends) : null;
}

const turnIn = ({ content }: PlayedRegion, atMs: number): Turn | null =>
  content.__typename === 'PlaylistContent' ? turnAt(content.playlist, atMs) : null;
