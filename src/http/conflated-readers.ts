import type { Start, StreamedEvent } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import type { Change, HeldBack } from './held-back.ts';
import type { Subscriber } from './subscriber.ts';

/** One of those who are shown the newest of each subject. */
export interface Reader {
  readonly subscriber: Subscriber;
  /** Of the last event he was shown, or where he began. */
  position: bigint;
  /** His cursor, until it is known where that lies. */
  start: Start | string;
  hasLeft: boolean;
  /** What he alone has yet to be shown: on his way to the present, or too slow. Null: the same as the others. */
  behind: HeldBack | null;
  /** At the present; else he is catching up. */
  isLive: boolean;
  /** Whether the network has yet to take what he was shown. */
  isStalled: boolean;
  /** When he can be shown something again. */
  dueMs: number;
}

/** What a reader is shown now. */
export interface Serving {
  readonly changes: readonly Change[];
  /** Whether he has then been shown all that the others have. */
  readonly isInStep: boolean;
}

/** Those who are shown a change with the same eyes. */
export interface Audience {
  readonly change: Change;
  readonly view: View;
  readonly readers: Reader[];
}

/** When a reader is due who has not been shown anything. */
export const AT_ONCE = Number.NEGATIVE_INFINITY;

/** Who is shown each change, with which eyes; in the order of the log. */
export function audiencesOf(
  servings: ReadonlyMap<Reader, Serving>,
  viewOf: (subscriber: Subscriber, event: StreamedEvent) => View | null,
): readonly Audience[] {
  const byChange = new Map<Change, Map<string, Audience>>();
  for (const [reader, { changes }] of servings)
    for (const change of changes) {
      const view = viewOf(reader.subscriber, change.event);
      if (!view) continue;
      const audiences = byChange.get(change) ?? new Map<string, Audience>();
      byChange.set(change, audiences);
      const audience = audiences.get(view.key);
      if (audience) audience.readers.push(reader);
      else audiences.set(view.key, { change, view, readers: [reader] });
    }
  return [...byChange.values()]
    .flatMap((audiences) => [...audiences.values()])
    .sort((a, b) => (a.change.event.position < b.change.event.position ? -1 : 1));
}
