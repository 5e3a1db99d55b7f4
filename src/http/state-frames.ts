import type { View } from '../graphql/view.ts';
import type { Frame } from './frame.ts';
import type { Change } from './state-changes.ts';

export type FrameOf = (view: View, change: Change) => Frame | Promise<Frame>;

/** Makes each frame once for all who are shown it at a time: those who come at once have yet to be shown the same. */
export function eachOnce(make: FrameOf): FrameOf {
  const made = new Map<Change, Map<string, Frame | Promise<Frame>>>();
  return (view, change) => {
    const frames = made.get(change) ?? new Map<string, Frame | Promise<Frame>>();
    made.set(change, frames);
    const frame = frames.get(view.key) ?? make(view, change);
    frames.set(view.key, frame);
    return frame;
  };
}
