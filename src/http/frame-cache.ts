import type { Frame } from './frame.ts';

/**
 * The newest frames of this process, for readers that come back: a deploy brings all of them at once.
 * It is one for all groups, because there can be as many groups as readers.
 */
export interface FrameCache {
  /** The frame under this key, made when it is not known any more; at once, where it was made so. */
  get(key: string, make: () => Frame | Promise<Frame>): Frame | Promise<Frame>;
}

export interface FrameCacheBounds {
  readonly frames: number;
  /** Of JSON. A frame can hold it as bytes too, for sockets and for streams. */
  readonly characters: number;
}

interface Entry {
  frame: Frame | Promise<Frame>;
  characters: number;
}

/** What the keys of one group begin with, so that they are no other's. */
export function nextFrameOwner(): number {
  owners += 1;
  return owners;
}

let owners = 0;

const BOUNDS: FrameCacheBounds = { frames: 4_096, characters: 8 * 1024 * 1024 };

export function createFrameCache(bounds = BOUNDS): FrameCache {
  const frames = new Map<string, Entry>();
  let characters = 0;

  /** A frame on its way weighs nothing until it is made. */
  function weigh(entry: Entry, frame: Frame): void {
    entry.frame = frame;
    entry.characters = frame.json.length;
    characters += frame.json.length;
    trim();
  }

  function trim(): void {
    for (const [key, { characters: freed }] of frames) {
      if (frames.size <= bounds.frames && characters <= bounds.characters) return;
      frames.delete(key);
      characters -= freed;
    }
  }

  return {
    get(key, make) {
      const known = frames.get(key);
      if (known) return known.frame;
      const frame = make();
      const entry: Entry = { frame, characters: 0 };
      frames.set(key, entry);
      if (frame instanceof Promise)
        frame.then((made) => {
          if (frames.get(key) === entry) weigh(entry, made);
        });
      else weigh(entry, frame);
      return frame;
    },
  };
}
