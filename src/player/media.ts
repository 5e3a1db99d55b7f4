import type { WantedFile } from './download.ts';

/** A medium as layouts and playlists bring it: what it is now, and where its file is fetched for some hours. */
export interface PlayedMedia extends WantedFile {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly fileName: string;
  /** Of an image, in pixels. */
  readonly width: number | null;
  readonly height: number | null;
}

export interface PlayedPlaylist {
  readonly name: string;
  readonly items: readonly PlayedItem[];
}

interface PlayedItem {
  /** ISO 8601; null: as long as the video takes. */
  readonly duration: string | null;
  readonly media: PlayedMedia | null;
}

/** How a file is there: it is on its way, as it shall be, not to be had, or not what it shall be. */
export type FileState = 'FETCHING' | 'WHOLE' | 'MISSING' | 'DAMAGED';

export type StateOf = (file: Pick<WantedFile, 'sha256'>) => FileState;

/** What stands for a medium on a screen of text. */
export function mediaLines(media: PlayedMedia, state: FileState): readonly string[] {
  const { kind, name, fileName, width, height, byteSize } = media;
  const pixels = width === null || height === null ? [] : [`${width}×${height}`];
  const particulars = [fileName, ...pixels, sizeText(Number(byteSize))].join(', ');
  return [`[${kind.toLowerCase()}] ${name}`, particulars, ...STATE_LINES[state]];
}

const STATE_LINES: Readonly<Record<FileState, readonly string[]>> = {
  FETCHING: ['is being fetched'],
  WHOLE: [],
  MISSING: ['is missing'],
  DAMAGED: ['is damaged'],
};

const UNITS = ['bytes', 'kB', 'MB', 'GB'];

function sizeText(bytes: number): string {
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), UNITS.length - 1);
  const value = bytes / 1_000 ** step;
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[step]}`;
}

/** What of a playlist is shown at an instant, and from when to when. */
export interface Turn {
  readonly media: PlayedMedia;
  /** From 1 on, and of how many. */
  readonly place: number;
  readonly count: number;
  readonly duration: string | null;
  readonly startsMs: number;
  readonly endsMs: number;
}

/** How long a video is shown that is shown as long as it takes: text does not play it. */
const VIDEO_MS = 10_000;

/** Whose turn it is at an instant. All screens that show the playlist show the same; null: there is nothing in it. */
export function turnAt(playlist: PlayedPlaylist | null, atMs: number): Turn | null {
  const items = (playlist?.items ?? []).flatMap(({ media, duration }) =>
    media ? { media, duration, lastsMs: durationMs(duration) } : [],
  );
  const roundMs = items.reduce((sum, { lastsMs }) => sum + lastsMs, 0);
  let startsMs = roundMs > 0 ? atMs - (atMs % roundMs) : 0;
  for (const [at, { media, duration, lastsMs }] of items.entries()) {
    const endsMs = startsMs + lastsMs;
    if (atMs < endsMs) return { media, place: at + 1, count: items.length, duration, startsMs, endsMs };
    startsMs = endsMs;
  }
  return null;
}

/** The item whose turn it is, and below it which of how many. */
export function playlistLines(
  playlist: PlayedPlaylist | null,
  { atMs, stateOf }: { readonly atMs: number; readonly stateOf: StateOf },
): readonly string[] | null {
  const turn = turnAt(playlist, atMs);
  if (!playlist || !turn) return null;
  const { media, place, count, duration } = turn;
  const length = duration === null ? 'as long as it takes' : `${durationMs(duration) / 1_000} s`;
  return [...mediaLines(media, stateOf(media)), `${place} of ${count} of ${playlist.name}, ${length}`];
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

function durationMs(duration: string | null): number {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (DURATION.exec(duration ?? '') ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  const lastsMs = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
  return lastsMs > 0 ? lastsMs : VIDEO_MS;
}
