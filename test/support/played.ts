import type { PlayedLayout, PlayedRegion } from '../../src/player/layout.ts';
import type { PlayedMedia, PlayedPlaylist } from '../../src/player/media.ts';

/** An image as a player is told of it. */
export const aPlayedMedium = (name: string, fields: Partial<PlayedMedia> = {}): PlayedMedia => ({
  id: `id of ${name}`,
  name,
  kind: 'IMAGE',
  fileName: `${name}.png`,
  width: 640,
  height: 480,
  url: `http://127.0.0.1/${name}`,
  sha256: name.padEnd(64, '0'),
  byteSize: '1234',
  ...fields,
});

/** Each item is a medium of that name, and how long it is shown. */
export const aPlayedPlaylist = (
  items: readonly (readonly [name: string, duration: string | null])[],
): PlayedPlaylist => ({
  name: 'Round',
  items: items.map(([name, duration]) => ({ media: aPlayedMedium(name), duration })),
});

export const aPlayedLayout = (
  contents: Readonly<Record<string, PlayedRegion['content']>>,
  fields: Partial<PlayedLayout> = {},
): PlayedLayout => ({
  layoutId: 'layout',
  revision: 1,
  name: 'Lobby',
  width: 100,
  height: 100,
  regions: Object.entries(contents).map(([regionId, content]) => ({
    regionId,
    name: regionId,
    x: 0,
    y: 0,
    width: 100,
    height: 100,
    z: 0,
    content,
  })),
  ...fields,
});
