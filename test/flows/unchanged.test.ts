import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource } from '../support/booking.ts';
import { aDevice, aUser } from '../support/builders.ts';
import { aDeviceGroup } from '../support/device.ts';
import { aDraft, aPublishedLayout } from '../support/layout.ts';
import { aParkingLot } from '../support/parking.ts';
import { aSchedule } from '../support/schedule.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 1 });
const { db, runWork } = floor.app().services;
const { venueId } = floor;
const VENUE = { venueId };

const device = await aDevice(runWork, VENUE);
const group = await aDeviceGroup(runWork, VENUE);
const owner = await aUser(runWork, VENUE);
const resource = await aResource(runWork, VENUE);
const lot = await aParkingLot(runWork, VENUE);
const draft = await aDraft(runWork, VENUE);
const medium = await aMedium(runWork, VENUE);
const shown = await aPublishedLayout(runWork, VENUE);
const schedule = await aSchedule(runWork, { venueId, layoutId: shown.id });
const { viewer } = (await floor.ask('{ viewer { user { id } } }', { as: 'ADMIN' })).data;
const mediaId = encodeGlobalId('Media', medium.id);
const groupIds = [encodeGlobalId('DeviceGroup', group.id)];

interface Change {
  /** The type of what is changed, and by what the mutation gives it. */
  readonly type: string;
  readonly gives: string;
  /** The events that tell of a change. */
  readonly events: string;
  /** What names it in the input; null for what names itself. */
  readonly key: string | null;
  /** Which one; without it the mutation makes it. */
  readonly id?: string;
  /** What can be said of it. */
  readonly says: Readonly<Record<string, unknown>>;
  /** What of that cannot be said twice. */
  readonly once?: Readonly<Record<string, unknown>>;
  /** The same in other words. */
  readonly saysAgain?: Readonly<Record<string, unknown>>;
  readonly other?: Readonly<Record<string, unknown>>;
}

const CHANGES: Readonly<Record<string, Change>> = {
  updateDevice: {
    type: 'Device',
    gives: 'device',
    events: 'signage.device-updated',
    key: 'deviceId',
    id: encodeGlobalId('Device', device.id),
    says: {
      name: 'North gate',
      ownerId: encodeGlobalId('User', owner.id),
      resourceId: encodeGlobalId('Resource', resource.id),
      timeZone: 'Europe/Vienna',
      tags: ['b', 'a'],
      groupIds,
    },
    other: { groupIds: [] },
    saysAgain: { name: ' North gate ', tags: ['a', 'b', 'a'], groupIds: [...groupIds, ...groupIds] },
  },
  updateResource: {
    type: 'Resource',
    gives: 'resource',
    events: 'booking.resource-updated',
    key: 'resourceId',
    id: encodeGlobalId('Resource', resource.id),
    says: {
      name: 'Table 7',
      description: 'By the window',
      slotDuration: 'PT30M',
      capacity: 3,
      price: '12.5',
      openingHours: [
        { weekday: 'TUESDAY', opensAt: '09:00', closesAt: '12:00' },
        { weekday: 'MONDAY', opensAt: '09:00', closesAt: '24:00' },
      ],
      bookableDays: 7,
      freeCancellationMinutes: 60,
      lateRefundPercent: 50,
      noShowMinutes: 15,
      status: 'ACTIVE',
    },
    saysAgain: { name: 'Table 7 ', price: '12.50' },
  },
  updateParkingLot: {
    type: 'ParkingLot',
    gives: 'lot',
    events: 'parking.lot-updated',
    key: 'lotId',
    id: encodeGlobalId('ParkingLot', lot.id),
    says: {
      name: 'Deck 2',
      description: 'Below the hall',
      address: 'Main Street 1',
      location: { latitude: 48.2, longitude: 16.4 },
      capacity: 12,
      countedBy: 'SENSORS',
      staleAfter: 'PT5M',
      reservableDays: 3,
      noShowMinutes: 30,
      usualStay: 'PT2H',
      status: 'ACTIVE',
    },
    once: { addSpaces: [{ prefix: 'A', first: 1, last: 3 }] },
    saysAgain: {
      addSpaces: [],
      changeSpaces: [{ range: { prefix: 'A', first: 1, last: 3 }, kind: 'STANDARD', status: 'ACTIVE' }],
    },
    other: { changeSpaces: [{ range: { prefix: 'A', first: 1, last: 1 }, kind: 'LARGE' }] },
  },
  updateVenue: {
    type: 'Venue',
    gives: 'venue',
    events: 'auth.venue-updated',
    key: 'venueId',
    id: encodeGlobalId('Venue', venueId),
    says: { name: 'The Casino', slug: 'casino', timeZone: 'Europe/Vienna', currency: 'USD' },
    saysAgain: { name: 'The Casino ' },
  },
  updateLayout: {
    type: 'Layout',
    gives: 'layout',
    events: 'signage.layout-edited',
    key: 'layoutId',
    id: encodeGlobalId('Layout', draft.id),
    says: {
      name: 'Entrance',
      width: 640,
      height: 480,
      regions: [{ regionId: 'a', name: 'A', x: 0, y: 0, width: 64, height: 48, content: { text: 'Hello' } }],
    },
  },
  updateMedia: {
    type: 'Media',
    gives: 'media',
    events: 'signage.content-changed',
    key: 'mediaId',
    id: mediaId,
    says: { name: 'Poster', tags: ['summer', 'bar'] },
    saysAgain: { tags: ['Bar', 'summer'] },
  },
  updateProfile: {
    type: 'User',
    gives: 'user',
    events: 'auth.profile-updated',
    key: null,
    id: viewer.user.id,
    says: { username: 'The.Admin', displayName: 'Ada' },
    saysAgain: { displayName: ' Ada ' },
    other: { username: 'the.admin' },
  },
  savePlaylist: {
    type: 'Playlist',
    gives: 'playlist',
    events: 'signage.content-changed',
    key: 'playlistId',
    says: {
      name: 'Evening',
      items: [
        { mediaId, duration: 'PT5S' },
        { mediaId, duration: 'PT9S' },
      ],
    },
  },
  saveSchedule: {
    type: 'Schedule',
    gives: 'schedule',
    events: 'signage.schedule-updated',
    key: 'scheduleId',
    id: encodeGlobalId('Schedule', schedule.id),
    says: {
      name: 'Evenings',
      layoutId: encodeGlobalId('Layout', shown.id),
      targets: { groupIds, tags: ['bar'] },
      priority: 7,
      enabled: false,
      zone: 'DEVICE',
      days: { weekdays: ['FRIDAY', 'MONDAY'], from: '2027-01-01' },
      dayparts: [{ from: '18:00', to: '23:00' }],
    },
  },
  configureSasLine: {
    type: 'SasLine',
    gives: 'line',
    events: 'machine.line-configured',
    key: 'lineId',
    says: { name: 'Second line', port: 'another-line', wakeupMode: 'MARKED', drivenBy: 'nobody' },
    saysAgain: { name: ' Second line' },
  },
  saveAlertRule: {
    type: 'AlertRule',
    gives: 'rule',
    events: 'alert.rule-updated',
    key: 'alertRuleId',
    says: { name: 'Guessing', metric: 'FAILED_SIGN_INS', comparison: 'ABOVE', threshold: 5, window: 'PT5M' },
    saysAgain: { name: ' Guessing ', window: 'PT300S' },
  },
  configureJackpot: {
    type: 'Jackpot',
    gives: 'jackpot',
    events: 'machine.jackpot-changed',
    key: 'jackpotId',
    says: { name: 'Mega', group: 9, level: 3, amount: '100', resetTo: '10' },
    saysAgain: { amount: '100.00' },
  },
};

async function countEvents(type: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select ((select count(*) from outbox where type = ${type})
      + (select count(*) from event_log where type = ${type}))::integer as count`.execute(db);
  return rows[0]?.count ?? 0;
}

interface Thing {
  readonly id: string;
  readonly version: number;
}

async function change(name: string, gives: string, input: object): Promise<Thing> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data } = await floor.ask(
    `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) {
      __typename ... on Error { message } ... on ${type}Success { thing: ${gives} { id version } } } }`,
    { as: 'ADMIN', variables: { input } },
  );
  expect(data.answer).toMatchObject({ __typename: `${type}Success` });
  return data.answer.thing;
}

async function versionOf(id: string, type: string): Promise<number> {
  const query = `query ($id: ID!) { node(id: $id) { ... on ${type} { version } } }`;
  return (await floor.ask(query, { as: 'ADMIN', variables: { id } })).data.node.version;
}

test.each(Object.entries(CHANGES))(
  '%s changes nothing by what is so already',
  async (name, {
    type,
    gives,
    events,
    key,
    id,
    says,
    once = {},
    saysAgain = {},
    other = { name: 'Other' },
  }) => {
    const which = (thing: string) => (key === null ? {} : { [key]: thing });
    const known = id === undefined ? {} : { ...which(id), expectedVersion: await versionOf(id, type) };
    const first = await change(name, gives, { ...known, ...says, ...once });
    const told = await countEvents(events);

    const again = { ...which(first.id), expectedVersion: first.version };
    for (const input of [{}, says, saysAgain])
      expect(await change(name, gives, { ...again, ...input })).toEqual(first);
    expect(await versionOf(first.id, type)).toBe(first.version);
    expect(await countEvents(events)).toBe(told);

    const changed = await change(name, gives, { ...again, ...other });
    expect(changed).toEqual({ id: first.id, version: first.version + 1 });
    expect(await countEvents(events)).toBe(told + 1);
  },
);

test('no mutation that updates is left out', () => {
  const mutations = Object.keys(buildSchema().getMutationType()?.getFields() ?? {});
  expect(mutations.filter((name) => name.startsWith('update') && !(name in CHANGES))).toEqual([]);
});
