import { encodeCursor } from './cursor.ts';
import type { EventType, LoggedEvent } from './events.ts';
import type { Pump } from './pubsub.ts';
import type { StreamedEvent, Topic } from './source.ts';

/**
 * The newest events of this process: who listens to what, and the last of them in memory, from which
 * readers that come back are brought to the present without asking the database.
 */
export interface Feed {
  /** Everything up to here has been handed to whoever listened. */
  readonly position: bigint;
  /** How many listen. */
  readonly listeners: number;
  /** Hears each event of a topic, in order. The listener must not throw and must not wait. */
  add<T extends EventType>(topic: Topic<T>, hear: (event: StreamedEvent<T>) => void): Disposable;
  /** The events behind a position, in order; null when some of them are no longer in memory. */
  since(position: bigint): readonly StreamedEvent[] | null;
}

/** Some megabytes at most: an event is about a kilobyte. */
const KEPT = 4_096;
/** What has been erased from the log must not live on here. */
const KEPT_MS = 600_000;

type Hear = (event: StreamedEvent) => void;
type SubjectOf = (event: LoggedEvent) => string;

/** Those who listen to one type at one venue: to all of it, or to some subjects. */
interface Listeners {
  readonly all: Set<Hear>;
  readonly bySubject: Map<SubjectOf, Map<string, Set<Hear>>>;
}

/** `start` is the position behind which the pump begins, `log` what cursors are bound to. */
export function createFeed(
  pump: Pump<LoggedEvent>,
  { log, start }: { readonly log: string; readonly start: bigint },
): Feed {
  const venues = new Map<string, Map<string, Listeners>>();
  let count = 0;
  let position = start;
  /** Everything behind `floor` is in `kept`. */
  let floor = start;
  let kept: StreamedEvent[] = [];

  pump.add((logged) => {
    // Made once for all who are shown it.
    const event = withCursor(log, logged);
    kept.push(event);
    position = event.position;
    if (isOld(event)) forget(kept.length);
    if (kept.length >= 2 * KEPT) forget(kept.length - KEPT);
    const heard = venues.get(event.venueId)?.get(event.type);
    if (!heard) return;
    for (const hear of heard.all) hear(event);
    for (const [subjectOf, subjects] of heard.bySubject)
      for (const hear of subjects.get(subjectOf(event)) ?? []) hear(event);
  });

  function forget(many: number): void {
    if (many === 0) return;
    floor = kept[many - 1]?.position ?? floor;
    kept = kept.slice(many);
  }

  function forgetOld(): void {
    const fresh = kept.findIndex((event) => !isOld(event));
    forget(fresh === -1 ? kept.length : fresh);
  }

  return {
    get position() {
      return position;
    },
    get listeners() {
      return count;
    },
    add(topic, hear) {
      const { venueId, types } = topic;
      const byType = venues.get(venueId) ?? new Map<string, Listeners>();
      venues.set(venueId, byType);
      const places = types.map((type) => {
        const place = byType.get(type) ?? { all: new Set(), bySubject: new Map() };
        byType.set(type, place);
        return { type, place };
      });
      // The event's type was chosen by the topic's.
      const listener = hear as unknown as Hear;
      for (const { place } of places) put(place, topic as unknown as Topic, listener);
      count += 1;
      return {
        [Symbol.dispose]() {
          count -= 1;
          for (const { type, place } of places) {
            take(place, topic as unknown as Topic, listener);
            const isEmpty = place.all.size === 0 && place.bySubject.size === 0;
            if (isEmpty && byType.get(type) === place) byType.delete(type);
          }
          if (byType.size === 0 && venues.get(venueId) === byType) venues.delete(venueId);
        },
      };
    },
    since(behind) {
      if (behind >= position) return [];
      forgetOld();
      if (behind < floor) return null;
      return kept.slice(firstBehind(kept, behind));
    },
  };
}

/** An event as it stands in its log. */
export const withCursor = (log: string, event: LoggedEvent): StreamedEvent => {
  const { position, venueId, type, at, actor, origin, payload, xid } = event;
  const cursor = encodeCursor({ log, position, snapshot: null });
  // Written out: each object that is spread into another makes a shape of its own, and thousands are kept.
  return { position, venueId, type, at, actor, origin, payload, xid, cursor, skipped: 0 } as StreamedEvent;
};

const isOld = ({ at }: LoggedEvent): boolean => at.getTime() < Date.now() - KEPT_MS;

function put({ all, bySubject }: Listeners, { subjects }: Topic, hear: Hear): void {
  if (!subjects) return void all.add(hear);
  const index = bySubject.get(subjects.of) ?? new Map<string, Set<Hear>>();
  bySubject.set(subjects.of, index);
  for (const subject of subjects.among) {
    const set = index.get(subject) ?? new Set();
    index.set(subject, set.add(hear));
  }
}

function take({ all, bySubject }: Listeners, { subjects }: Topic, hear: Hear): void {
  if (!subjects) return void all.delete(hear);
  const index = bySubject.get(subjects.of);
  for (const subject of subjects.among) {
    const set = index?.get(subject);
    set?.delete(hear);
    if (set?.size === 0) index?.delete(subject);
  }
  if (index?.size === 0) bySubject.delete(subjects.of);
}

/** The index of the first event behind a position: they are in order. */
function firstBehind(events: readonly LoggedEvent[], behind: bigint): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.position ?? behind) > behind) high = middle;
    else low = middle + 1;
  }
  return low;
}
