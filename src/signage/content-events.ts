/** What screens are made of. */
export const CONTENT_TYPES = ['MEDIA', 'PLAYLIST', 'LAYOUT'] as const;

export type ContentType = (typeof CONTENT_TYPES)[number];

export const CONTENT_ACTIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

export type ContentAction = (typeof CONTENT_ACTIONS)[number];

/** That something screens are made of is another from now on. One of the ids is set: that of its type. */
export interface ContentChangedSnapshot {
  readonly contentType: ContentType;
  readonly mediaId: string | null;
  readonly playlistId: string | null;
  readonly layoutId: string | null;
  /** Of a medium: the playlists that have it, by id. */
  readonly playlistIds: readonly string[];
  readonly action: ContentAction;
  /** Of it from then on; null where somebody announced it by hand. */
  readonly version: number | null;
  /** What he added, any JSON; otherwise null. */
  readonly sentData: unknown;
}

export type ContentEventType = 'signage.content-changed';

declare module '../events/events.ts' {
  interface EventMap {
    'signage.content-changed': ContentChangedSnapshot;
  }
}
