import type { ContentChangedSnapshot } from './content-events.ts';
import type { LayoutRevision } from './layout.ts';

/** Whether what was changed is the layout, or something that a region of it shows. */
export function isMadeOf(
  { layoutId, regions }: Pick<LayoutRevision, 'layoutId' | 'regions'>,
  changed: Pick<ContentChangedSnapshot, 'mediaId' | 'playlistId' | 'layoutId' | 'playlistIds'>,
): boolean {
  if (changed.layoutId !== null) return changed.layoutId === layoutId;
  return regions.some(({ content }) => {
    if (content.kind === 'MEDIA') return content.mediaId === changed.mediaId;
    if (content.kind !== 'PLAYLIST') return false;
    return content.playlistId === changed.playlistId || changed.playlistIds.includes(content.playlistId);
  });
}
