import { type PlayedValue, valueLines } from './value-text.ts';

/** A layout as `LayoutPushed` brings it. */
export interface PlayedLayout {
  readonly name: string;
  readonly revision: number;
  /** The canvas, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly regions: readonly PlayedRegion[];
}

export interface PlayedRegion {
  readonly regionId: string;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly z: number;
  readonly content: PlayedContent;
}

export type PlayedContent =
  | { readonly __typename: 'TextContent'; readonly text: string }
  | { readonly __typename: 'MediaContent'; readonly media: PlayedMedia | null }
  | { readonly __typename: 'PlaylistContent'; readonly playlist: PlayedPlaylist | null }
  | { readonly __typename: 'LiveContent' };

export interface PlayedMedia {
  readonly name: string;
  readonly kind: string;
}

export interface PlayedPlaylist {
  readonly name: string;
  readonly items: readonly { readonly durationMs: number; readonly media: PlayedMedia | null }[];
}

/** Why a layout cannot be shown here; null when it can. */
export function whyNotShown({ regions }: PlayedLayout): string | null {
  const unknown = regions.find(({ content }) => !KNOWN.includes(content.__typename));
  return unknown
    ? `Region ${unknown.regionId}: this player cannot show ${unknown.content.__typename}.`
    : null;
}

const KNOWN: readonly string[] = [
  'TextContent',
  'MediaContent',
  'PlaylistContent',
  'LiveContent',
] satisfies readonly PlayedContent['__typename'][];

/** What a region shows at an instant, as lines of text. `value` is that of a live one; undefined before it came. */
export function contentLines(
  content: PlayedContent,
  { value, atMs }: { readonly value: PlayedValue | null | undefined; readonly atMs: number },
): readonly string[] {
  switch (content.__typename) {
    case 'TextContent':
      return content.text.split('\n');
    case 'MediaContent':
      return [mediaLine(content.media)];
    case 'PlaylistContent':
      return [mediaLine(playedAt(content.playlist, atMs))];
    case 'LiveContent':
      return value === undefined ? ['…'] : valueLines(value);
  }
}

const mediaLine = (media: PlayedMedia | null): string =>
  media ? `[${media.kind.toLowerCase()}] ${media.name}` : '–';

/** Which of a playlist's items its turn is. All screens that show it show the same. */
function playedAt(playlist: PlayedPlaylist | null, atMs: number): PlayedMedia | null {
  const items = playlist?.items ?? [];
  const roundMs = items.reduce((sum, { durationMs }) => sum + durationMs, 0);
  let leftMs = roundMs > 0 ? atMs % roundMs : 0;
  for (const { durationMs, media } of items) {
    if (leftMs < durationMs) return media;
    leftMs -= durationMs;
  }
  return null;
}
