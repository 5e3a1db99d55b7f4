import { mediaLines, type PlayedMedia, type PlayedPlaylist, playlistLines, type StateOf } from './media.ts';
import { type PlayedValue, valueLines } from './value-text.ts';

/** A layout as `LayoutPushed` brings it, with what is in it now. */
export interface PlayedLayout {
  readonly layoutId: string;
  readonly revision: number;
  readonly name: string;
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

/** All media of a layout, whether it is their turn or not. */
export const mediaIn = ({ regions }: PlayedLayout): readonly PlayedMedia[] =>
  regions.flatMap(({ content }) => {
    if (content.__typename === 'MediaContent') return content.media ?? [];
    if (content.__typename !== 'PlaylistContent') return [];
    return (content.playlist?.items ?? []).flatMap(({ media }) => media ?? []);
  });

/** Which of its media are not there, for people, in at most 500 characters; null: all are. */
export function whatIsMissing(layout: PlayedLayout, stateOf: StateOf): string | null {
  const missing = mediaIn(layout).filter((media) => stateOf(media) !== 'WHOLE');
  const said = new Set(missing.map((media) => `${media.name} is ${stateOf(media).toLowerCase()}.`));
  return said.size > 0 ? [...said].join(' ').slice(0, MAX_WORDS) : null;
}

const MAX_WORDS = 500;

/** What a region shows at an instant, as lines of text. `value` is that of a live one; undefined before it came. */
export function contentLines(
  content: PlayedContent,
  now: {
    readonly value: PlayedValue | null | undefined;
    readonly atMs: number;
    readonly stateOf: StateOf;
  },
): readonly string[] {
  const { value, stateOf } = now;
  switch (content.__typename) {
    case 'TextContent':
      return content.text.split('\n');
    case 'MediaContent':
      return content.media ? mediaLines(content.media, stateOf(content.media)) : NOTHING;
    case 'PlaylistContent':
      return playlistLines(content.playlist, now) ?? NOTHING;
    case 'LiveContent':
      return value === undefined ? ['…'] : valueLines(value);
  }
}

const NOTHING: readonly string[] = ['–'];
