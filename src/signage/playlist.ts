import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { requireWithin } from '../lib/within.ts';
import type { Media } from './media.ts';

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
  for (const [at, { mediaId, durationSeconds }] of items.entries()) {
    const kind = media.get(mediaId)?.kind;
    if (kind === 'DOCUMENT')
      throw new ValidationError('A playlist shows images and videos, no documents.', {
        field: ['items', at, 'mediaId'],
      });
    if (durationSeconds === null && kind !== 'VIDEO')
      throw new ValidationError('An image takes a duration: it has no end of its own.', {
        field: ['items', at, 'duration'],
      });
    if (durationSeconds !== null)
      inField(['items', at], () =>
        requireWithin('duration', durationSeconds, { min: 1, max: MAX_ITEM_SECONDS, unit: 'seconds' }),
      );
  }
  return items;
}
