import type { Frame } from './frame.ts';

/** The newest frames of a group, for readers that come back: a deploy brings all of them at once. */
export interface FrameCache {
  /** The frame under this key, made when it is not known any more. */
  get(key: string, make: () => Promise<Frame>): Promise<Frame>;
}

const MAX_FRAMES = 512;
const MAX_CHARACTERS = 4 * 1024 * 1024;

export function createFrameCache(): FrameCache {
  const frames = new Map<string, { readonly frame: Promise<Frame>; characters: number }>();
  let characters = 0;

  function trim(): void {
    for (const [key, { characters: freed }] of frames) {
      if (frames.size <= MAX_FRAMES && characters <= MAX_CHARACTERS) return;
      frames.delete(key);
      characters -= freed;
    }
  }

  return {
    get(key, make) {
      const known = frames.get(key);
      if (known) return known.frame;
      const entry = { frame: make(), characters: 0 };
      frames.set(key, entry);
      entry.frame.then(({ json }) => {
        if (frames.get(key) !== entry) return;
        entry.characters = json.length;
        characters += json.length;
        trim();
      });
      return entry.frame;
    },
  };
}
