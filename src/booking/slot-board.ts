import type { HotReads } from '../db/hot-read.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import { SLOT_EVENTS, type SlotEventType } from './events.ts';
import type { SlotDay } from './slot-day.ts';
import { readSlotDay } from './slot-day-store.ts';
import { boundsOf } from './slot-times.ts';

/** Which day is looked at. */
export interface DayKey {
  readonly venueId: string;
  readonly resourceId: string;
  readonly day: string;
}

/** A day as it was read; of two the one with the greater version is the newer, and equal ones show the same. */
export interface BoardDay {
  readonly day: SlotDay;
  readonly version: bigint;
}

/** The days that are watched in this process, each read once for all who watch it whenever it changes. */
export interface SlotBoard {
  /** Hears how the day stands whenever that is another than before. The listener must not throw. */
  watch(key: DayKey, hear: (day: BoardDay) => void): Disposable;
  /** The day as it stands; null when there is no such resource. */
  read(key: DayKey): Promise<BoardDay | null>;
  /** How often a day was read since the start. */
  reads(): number;
}

export interface SlotBoardOptions {
  readonly hotReads: Pick<HotReads, 'read'>;
  /** What happens, in order. */
  readonly events: { add(listener: (event: LoggedEvent) => void): Disposable };
  readonly onError: (error: unknown) => void;
}

interface Watched {
  readonly key: DayKey;
  readonly listeners: Set<(day: BoardDay) => void>;
  /** When it begins and ends, once it was read. */
  bounds: { readonly from: Date; readonly to: Date } | null;
  version: bigint;
  /** What was read last, as a text that is equal for what shows the same. */
  shown: string | null;
  isStale: boolean;
  /** Reads of one day follow each other, so that a later one never shows an earlier state. */
  reading: Promise<unknown>;
}

/** Until a day is read again when that failed. */
const RETRY_MS = 500;

export function createSlotBoard({ hotReads, events, onError }: SlotBoardOptions): SlotBoard {
  const days = new Map<string, Watched>();
  const byResource = new Map<string, Set<Watched>>();
  let reads = 0;

  events.add((event) => {
    if (event.type === 'auth.venue-updated') {
      for (const watched of days.values()) if (watched.key.venueId === event.venueId) refresh(watched);
      return;
    }
    if (!isOfSlots(event)) return;
    for (const { resourceId, time } of touchedBy(event))
      for (const watched of byResource.get(resourceId) ?? []) if (touches(watched, time)) refresh(watched);
  });

  /** Reads it once more, unless a read is about to begin anyway. */
  function refresh(watched: Watched): void {
    if (watched.isStale || watched.listeners.size === 0) return;
    watched.isStale = true;
    inTurn(watched, async () => {
      watched.isStale = false;
      if (watched.listeners.size > 0) await readNow(watched);
    }).catch((error) => {
      onError(error);
      setTimeout(() => refresh(watched), RETRY_MS).unref();
    });
  }

  async function readNow(watched: Watched): Promise<BoardDay | null> {
    reads += 1;
    const { venueId, ...of } = watched.key;
    const day = await readSlotDay(hotReads, venueId, of);
    if (!day) return null;
    watched.bounds = boundsOf(day.day, day.resource.timeZone);
    const shown = textOf(day);
    const isNew = shown !== watched.shown;
    if (isNew) watched.version += 1n;
    watched.shown = shown;
    const read = { day, version: watched.version };
    // Whoever asked for it: what he sees, the others are shown as well.
    if (isNew) for (const hear of watched.listeners) hear(read);
    return read;
  }

  function open(key: DayKey): Watched {
    const name = nameOf(key);
    const known = days.get(name);
    if (known) return known;
    const watched: Watched = {
      key,
      listeners: new Set(),
      bounds: null,
      version: 0n,
      shown: null,
      isStale: false,
      reading: Promise.resolve(),
    };
    days.set(name, watched);
    const ofResource = byResource.get(key.resourceId) ?? new Set();
    byResource.set(key.resourceId, ofResource.add(watched));
    return watched;
  }

  function close(watched: Watched): void {
    const { key } = watched;
    days.delete(nameOf(key));
    const ofResource = byResource.get(key.resourceId);
    ofResource?.delete(watched);
    if (ofResource?.size === 0) byResource.delete(key.resourceId);
  }

  return {
    watch(key, hear) {
      const watched = open(key);
      watched.listeners.add(hear);
      return {
        [Symbol.dispose]() {
          watched.listeners.delete(hear);
          if (watched.listeners.size === 0) close(watched);
        },
      };
    },
    async read(key) {
      const watched = days.get(nameOf(key));
      if (watched) return await inTurn(watched, () => readNow(watched));
      reads += 1;
      const { venueId, ...of } = key;
      const day = await readSlotDay(hotReads, venueId, of);
      return day && { day, version: 0n };
    },
    reads: () => reads,
  };
}

/** When those before it are done, however that went. */
function inTurn<T>(watched: Watched, read: () => Promise<T>): Promise<T> {
  const result = watched.reading.then(read, read);
  watched.reading = result.catch(() => {});
  return result;
}

const nameOf = ({ venueId, resourceId, day }: DayKey) => `${venueId} ${resourceId} ${day}`;

const isOfSlots = (event: LoggedEvent): event is LoggedEvent<SlotEventType> =>
  (SLOT_EVENTS as readonly EventType[]).includes(event.type);

interface Time {
  readonly startsAt: string;
  readonly endsAt: string;
}

/** Of which resources what time has changed; null for all of it. */
export function touchedBy({
  payload,
}: LoggedEvent<SlotEventType>): readonly { readonly resourceId: string; readonly time: Time | null }[] {
  const { resourceId } = payload;
  if (!('startsAt' in payload)) return [{ resourceId, time: null }];
  const now = { resourceId, time: payload };
  if (!('fromResourceId' in payload)) return [now];
  const time = { startsAt: payload.fromStartsAt, endsAt: payload.fromEndsAt };
  return [now, { resourceId: payload.fromResourceId, time }];
}

const touches = ({ bounds }: Watched, time: Time | null): boolean =>
  time === null ||
  bounds === null ||
  (new Date(time.startsAt) < bounds.to && new Date(time.endsAt) > bounds.from);

const textOf = ({ resource, claims }: SlotDay): string =>
  JSON.stringify([resource.version, resource.timeZone, claims], (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
