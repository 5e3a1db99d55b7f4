import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { parseData } from '../notification/notification.ts';
import type { Work } from '../work.ts';
import type { ContentAction, ContentChangedSnapshot, ContentType } from './content-events.ts';
import { hasContent, listPlaylistsWith } from './content-use-store.ts';
import { canEditSignage, canReachSignage } from './policy.ts';

/** Something that screens are made of. */
export interface ContentReference {
  readonly venueId: string;
  readonly contentType: ContentType;
  readonly contentId: string;
}

/** Tells whoever follows that something screens are made of was changed; to be called by whatever changes it. */
export async function announceContent(
  work: Work,
  {
    venueId,
    contentType,
    contentId,
    action,
    version,
    sentData = null,
  }: ContentReference & {
    readonly action: ContentAction;
    /** Of it from now on; null where that is not known. */
    readonly version: number | null;
    readonly sentData?: unknown;
  },
): Promise<void> {
  const snapshot: ContentChangedSnapshot = {
    contentType,
    mediaId: contentType === 'MEDIA' ? contentId : null,
    playlistId: contentType === 'PLAYLIST' ? contentId : null,
    layoutId: contentType === 'LAYOUT' ? contentId : null,
    playlistIds: contentType === 'MEDIA' ? await listPlaylistsWith(work.tx, venueId, contentId) : [],
    action,
    version,
    sentData,
  };
  work.emit({ type: 'signage.content-changed', venueId, ...snapshot });
}

/** Which it is of. */
export const contentIdOf = ({ mediaId, playlistId, layoutId }: ContentChangedSnapshot): string =>
  mediaId ?? playlistId ?? layoutId ?? '';

/**
 * Announces by hand that something screens are made of was changed: what was made elsewhere, or is to be fetched again.
 * What is announced as deleted may be gone already.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError
 */
export async function syncContent(
  work: Work,
  order: ContentReference & { readonly action: ContentAction; readonly data: unknown },
): Promise<void> {
  const { venueId, contentType, contentId, action } = order;
  if (!canReachSignage(work.actor, venueId)) throw new NotFoundError('content');
  if (!canEditSignage(work.actor, venueId)) throw new NotOwnerError('announce changes of content');
  const sentData = order.data == null ? null : parseData(order.data);
  if (!(await hasContent(work.tx, { venueId, contentType, contentId }, { orHad: action === 'DELETE' })))
    throw new NotFoundError('content');
  await announceContent(work, { venueId, contentType, contentId, action, version: null, sentData });
}
