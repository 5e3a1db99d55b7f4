import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { requireWithin } from '../lib/within.ts';
import type { Media, MediaKind } from './media.ts';

/** Media that are shown one after the other, again and again. */
export interface Playlist {
  readonly id: string;
  readonly venueId: string;
  readonly name: string;
  /** In their order; a medium may come more than once. */
  readonly items: readonly PlaylistItem[];
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface PlaylistItem {
  readonly mediaId: string;
  /** How long it is shown; null: as long as a video takes. */
  readonly durationSeconds: number | null;
}

export const MAX_ITEMS = 200;
export const MAX_ITEM_SECONDS = 86_400;

/** Items by their media. @throws ValidationError */
export function parseItems(
  items: readonly PlaylistItem[],
  media: ReadonlyMap<string, Pick<Media, 'kind'>>,
): readonly PlaylistItem[] {
  if (items.length > MAX_ITEMS)
    throw new ValidationError(`items takes at most ${MAX_ITEMS} entries.`, { field: 'items' });
  for (const [at, item] of items.entries()) {
    const wrong = wrongWith(item, media.get(item.mediaId)?.kind);
    if (wrong) throw new ValidationError(wrong.reason, { field: ['items', at, wrong.field] });
    const { durationSeconds } = item;
    if (durationSeconds !== null)
      inField(['items', at], () =>
        requireWithin('duration', durationSeconds, { min: 1, max: MAX_ITEM_SECONDS, unit: 'seconds' }),
      );
  }
  return items;
}

/** Why no playlist shows a medium of this kind so; null: it can. */
export function wrongWith(
  { durationSeconds }: Pick<PlaylistItem, 'durationSeconds'>,
  kind: MediaKind | undefined,
): { readonly field: 'mediaId' | 'duration'; readonly reason: string } | null {
  if (kind === 'DOCUMENT')
    return { field: 'mediaId', reason: 'A playlist shows images and videos, no documents.' };
  if (durationSeconds === null && kind !== 'VIDEO')
    return { field: 'duration', reason: 'An image takes a duration: it has no end of its own.' };
  return null;
}
