import { ValidationError } from '../lib/errors.ts';
import type { StoredFile } from './stored-file.ts';

export const MEDIA_KINDS = ['IMAGE', 'VIDEO', 'DOCUMENT'] as const;

export type MediaKind = (typeof MEDIA_KINDS)[number];

/** Something for screens to show, or to be opened beside them. */
export interface Media {
  readonly id: string;
  readonly venueId: string;
  readonly name: string;
  readonly kind: MediaKind;
  readonly tags: readonly string[];
  /** Grows with each file that takes the place of the one before. */
  readonly revision: number;
  /** What it is now. */
  readonly file: StoredFile;
  /** Grows with every change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const MAX_TAGS = 20;
const MAX_TAG = 40;

/** Words to find things by, each once, in their order. @throws ValidationError */
export function parseTags(given: readonly string[]): readonly string[] {
  const named = given.map((tag) => tag.trim().normalize('NFC').toLowerCase());
  const tags = [...new Set(named)].sort();
  if (tags.length > MAX_TAGS)
    throw new ValidationError(`tags takes at most ${MAX_TAGS} entries.`, { field: 'tags' });
  const strange = named.findIndex((tag) => !/^[\p{L}\p{M}\p{N} ._-]+$/u.test(tag) || tag.length > MAX_TAG);
  if (strange >= 0)
    throw new ValidationError(
      `A tag has 1 to ${MAX_TAG} letters, digits, blanks, dots, hyphens and underscores.`,
      { field: ['tags', strange] },
    );
  return tags;
}

/** How long what a medium was before can still be fetched: as long as an address of it lasts, and some. */
export const REPLACED_MS = 48 * 3_600_000;
