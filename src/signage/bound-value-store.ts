import type { Kysely } from 'kysely';
import { findVenuesByIds } from '../auth/venue-store.ts';
import { findResourcesByIds } from '../booking/resource-store.ts';
import { slotsOfDay } from '../booking/slot-day.ts';
import { readSlotDay } from '../booking/slot-day-store.ts';
import { boundsOf } from '../booking/slot-times.ts';
import type { HotReads } from '../db/hot-read.ts';
import type { Database } from '../db/schema.ts';
import { dayOf } from '../lib/calendar.ts';
import { moneyOfCents } from '../lib/money.ts';
import { findJackpotsByIds } from '../machine/jackpot-store.ts';
import { METER_DEFINITIONS, meterMoney } from '../machine/meter.ts';
import { findMeters } from '../machine/meter-store.ts';
import { findMachine } from '../machine/store.ts';
import { channelKey, channelOfKey } from '../notification/channel.ts';
import { isForEveryDevice } from '../notification/channel-policy.ts';
import { listMessages } from '../notification/channel-store.ts';
import { freeOf } from '../parking/lot.ts';
import { listEveryLot } from '../parking/lot-store.ts';
import type { BoundValue } from './bound-value.ts';
import type { Binding } from './region.ts';

/** What is bound to a region, as it was read. */
export interface BoundReading {
  /** Null: there is none, or none any more. */
  readonly value: BoundValue | null;
  /** Then time alone makes it another; null: never. */
  readonly until: Date | null;
}

export interface BoundValueStore {
  readonly db: Kysely<Database>;
  readonly hotReads: Pick<HotReads, 'read'>;
  readonly now: () => Date;
}

/** Of a venue: what belongs to another one is not there. */
export async function readBoundValue(
  store: BoundValueStore,
  venueId: string,
  binding: Binding,
): Promise<BoundReading> {
  if (binding.kind === 'SLOT_BOARD') return await readSlotBoard(store, venueId, binding.resourceId);
  return { value: await readLasting(store, venueId, binding), until: null };
}

async function readLasting(
  { db, now }: BoundValueStore,
  venueId: string,
  binding: Exclude<Binding, { readonly kind: 'SLOT_BOARD' }>,
): Promise<BoundValue | null> {
  switch (binding.kind) {
    case 'JACKPOT': {
      const [jackpot] = await findJackpotsByIds(db, venueId, [binding.jackpotId]);
      if (!jackpot) return null;
      const { name, cents } = jackpot;
      return { kind: 'JACKPOT', name, amount: moneyOfCents(cents, await currencyOf(db, venueId)) };
    }
    case 'METER':
      return await readMeter(db, venueId, binding);
    case 'OCCUPANCY': {
      const [lot] = await listEveryLot(db, venueId, { ids: [binding.lotId], now: now() });
      if (!lot) return null;
      const { capacity, occupied, reserved, isStale } = lot.occupancy;
      const free = freeOf(lot.occupancy);
      return { kind: 'OCCUPANCY', name: lot.name, capacity, occupied, reserved, free, isStale };
    }
    case 'CHANNEL':
      return await readNewestMessage(db, venueId, binding.channel);
  }
}

async function readMeter(
  db: Kysely<Database>,
  venueId: string,
  { machineId, meter }: Extract<Binding, { readonly kind: 'METER' }>,
): Promise<BoundValue | null> {
  const code = METER_DEFINITIONS.find(({ name }) => name === meter)?.code;
  const machine = await findMachine(db, venueId, machineId);
  const [snapshot] = machine ? await findMeters(db, venueId, [machineId]) : [];
  const read = snapshot?.values.find((value) => value.code === code);
  if (!machine || !read) return null;
  const denominationCode = machine.identity?.denominationCode ?? null;
  const currency = await currencyOf(db, venueId);
  const money = meterMoney({ code: read.code, amount: read.value }, { denominationCode, currency });
  return { kind: 'METER', name: machine.name, code: read.code, value: read.value, money };
}

async function readSlotBoard(
  { db, hotReads, now }: BoundValueStore,
  venueId: string,
  resourceId: string,
): Promise<BoundReading> {
  const [resource] = await findResourcesByIds(db, venueId, [resourceId]);
  const today = resource && dayOf(now(), resource.timeZone);
  const read = today === undefined ? null : await readSlotDay(hotReads, venueId, { resourceId, day: today });
  if (!read) return { value: null, until: null };
  const { day } = read;
  const { name, timeZone } = read.resource;
  const slots = slotsOfDay(read).map(({ startsAt, endsAt, state, free }) => ({
    startsAt,
    endsAt,
    state,
    free,
  }));
  return {
    value: { kind: 'SLOT_BOARD', name, day, timeZone, slots },
    until: boundsOf(day, timeZone).to,
  };
}

async function readNewestMessage(
  db: Kysely<Database>,
  venueId: string,
  key: string,
): Promise<BoundValue | null> {
  const channel = channelOfKey(key);
  // Whatever a layout says: what is for a few is not shown to whoever passes.
  if (!channel || !isForEveryDevice(channel)) return null;
  const range = { after: null, before: null, limit: 1, backward: false };
  const said = { channel: channelKey(channel), during: null };
  const [message] = await listMessages(db, venueId, { ...said, range });
  return message
    ? { kind: 'CHANNEL', type: message.type, dataText: message.dataText, sentAt: message.sentAt }
    : null;
}

async function currencyOf(db: Kysely<Database>, venueId: string): Promise<string> {
  const [venue] = await findVenuesByIds(db, [venueId]);
  if (!venue) throw new Error('a layout is of a venue that there is');
  return venue.currency;
}
