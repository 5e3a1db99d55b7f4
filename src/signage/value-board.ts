import { SLOT_EVENTS, type SlotEventType } from '../booking/events.ts';
import { touchedBy } from '../booking/slot-board.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import type { Streams } from '../events/stream.ts';
import { channelKey } from '../notification/channel.ts';
import { channelOfSnapshot } from '../notification/channel-events.ts';
import { LOT_EVENTS, type LotEventType } from '../parking/events.ts';
import { bindingKey, sourceOf } from './bound-value.ts';
import type { BoundReading } from './bound-value-store.ts';
import type { Binding } from './region.ts';
import { createWatchedValue, type ShownValue, type WatchedValue } from './watched-value.ts';

/** The values that the screens of this process show, each read once for all of them whenever it may be another. */
export interface ValueBoard {
  /** Hears the value whenever it is another than before. The listener must not throw. */
  watch(venueId: string, binding: Binding, hear: (shown: ShownValue) => void): Disposable;
  /** The value as it stands. One that is watched is read again only if something has happened to it. */
  read(venueId: string, binding: Binding): Promise<ShownValue>;
  /** How often a value was read since the start. */
  reads(): number;
}

export interface ValueBoardOptions {
  readonly read: (venueId: string, binding: Binding) => Promise<BoundReading>;
  /** What happens, in order. */
  readonly events: { add(listener: (event: LoggedEvent) => void): Disposable };
  readonly streams: Pick<Streams, 'state'>;
  readonly onError: (error: unknown) => void;
}

interface Place {
  readonly venueId: string;
  readonly source: string;
  readonly value: WatchedValue;
  /** Of what changes too often to be told by events. */
  readonly signals: Disposable | null;
}

export function createValueBoard({ read, events, streams, onError }: ValueBoardOptions): ValueBoard {
  const places = new Map<string, Place>();
  const bySource = new Map<string, Set<Place>>();
  let reads = 0;

  const readCounted = (venueId: string, binding: Binding) => {
    reads += 1;
    return read(venueId, binding);
  };

  events.add((event) => {
    if (event.type === 'auth.venue-updated') {
      for (const { venueId, value } of places.values()) if (venueId === event.venueId) value.refresh();
      return;
    }
    for (const source of sourcesOf(event))
      for (const { value } of bySource.get(`${event.venueId} ${source}`) ?? []) value.refresh();
  });

  function open(venueId: string, binding: Binding): Place {
    const value = createWatchedValue({ read: () => readCounted(venueId, binding), onError });
    const source = `${venueId} ${sourceOf(binding)}`;
    const signals =
      binding.kind === 'METER' ? metersOf(streams, { ...binding, venueId }).listen(value) : null;
    const place = { venueId, source, value, signals };
    places.set(nameOf(venueId, binding), place);
    bySource.set(source, (bySource.get(source) ?? new Set<Place>()).add(place));
    return place;
  }

  function close(name: string, place: Place): void {
    places.delete(name);
    place.signals?.[Symbol.dispose]();
    const ofSource = bySource.get(place.source);
    ofSource?.delete(place);
    if (ofSource?.size === 0) bySource.delete(place.source);
  }

  return {
    watch(venueId, binding, hear) {
      const name = nameOf(venueId, binding);
      const place = places.get(name) ?? open(venueId, binding);
      const leave = place.value.add(hear);
      return {
        [Symbol.dispose]() {
          leave();
          if (place.value.watchers === 0 && places.get(name) === place) close(name, place);
        },
      };
    },
    async read(venueId, binding) {
      const place = places.get(nameOf(venueId, binding));
      if (place) return await place.value.get();
      const { value } = await readCounted(venueId, binding);
      return { value, readAt: new Date() };
    },
    reads: () => reads,
  };
}

const nameOf = (venueId: string, binding: Binding): string => `${venueId} ${bindingKey(binding)}`;

/** The meters of a machine, as far as it is told that they have changed. */
function metersOf(
  streams: Pick<Streams, 'state'>,
  { venueId, machineId }: { readonly venueId: string; readonly machineId: string },
) {
  const source = streams.state<'machine.meters-changed', unknown>({
    types: ['machine.meters-changed'],
    venueId,
    itemOf: ({ payload }) =>
      payload.machineId === machineId
        ? { subject: machineId, version: payload.version, value: payload }
        : null,
    read: async () => [],
    sightOf: () => null,
  });
  return { listen: ({ refresh }: Pick<WatchedValue, 'refresh'>) => source.listen(refresh, refresh) };
}

/** What may be another since this happened. */
function sourcesOf(event: LoggedEvent): readonly string[] {
  if (isLotEvent(event)) return [`lot ${event.payload.lotId}`];
  if (isSlotEvent(event)) return touchedBy(event).map(({ resourceId }) => `resource ${resourceId}`);
  switch (event.type) {
    case 'machine.jackpot-changed':
      return [`jackpot ${event.payload.jackpotId}`];
    // It may be called otherwise.
    case 'machine.registered':
    case 'machine.removed':
      return [`machine ${event.payload.machineId}`];
    case 'channel.message-sent': {
      const channel = channelOfSnapshot(event.payload);
      return channel ? [`channel ${channelKey(channel)}`] : [];
    }
    default:
      return [];
  }
}

const isLotEvent = (event: LoggedEvent): event is LoggedEvent<LotEventType> =>
  (LOT_EVENTS as readonly EventType[]).includes(event.type);

const isSlotEvent = (event: LoggedEvent): event is LoggedEvent<SlotEventType> =>
  (SLOT_EVENTS as readonly EventType[]).includes(event.type);
