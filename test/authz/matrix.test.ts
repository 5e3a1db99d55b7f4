import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { insertIdentity } from '../../src/auth/linked-identity-store.ts';
import { findVenueBySlug } from '../../src/auth/venue-store.ts';
import { decodeIdOf, encodeGlobalId, slotKeyOf } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { updateDevice } from '../../src/signage/device-service.ts';
import { aTransfer } from '../support/aft.ts';
import { someAlerts } from '../support/alert.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aCalendarFeed, aPlaceInLine, someTime } from '../support/booking.ts';
import { aConnection, aDevice, anApiKey, aUser, PASSWORD } from '../support/builders.ts';
import { aBulkExport } from '../support/bulk-export.ts';
import { aMessage } from '../support/channels.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { someCare } from '../support/device.ts';
import { aFirmwareFile, someFirmware } from '../support/firmware.ts';
import { aLine } from '../support/floor.ts';
import { aHandpay } from '../support/handpay.ts';
import { aPushedLayout, someSignage } from '../support/layout.ts';
import { aWallet, someMoney } from '../support/money.ts';
import { aNotice } from '../support/notification.ts';
import { aParkingLot, someParking, someStays } from '../support/parking.ts';
import { someRules } from '../support/schedule.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aMedium, someMedia } from '../support/uploads.ts';
import { type Call, type CallValues, callsOf } from './calls.ts';

/**
 * Every root field as everybody, through the real server, next to what is committed.
 * `AUTHZ_MATRIX=write` writes the file anew.
 */
const FILE = new URL('matrix.txt', import.meta.url);
const ANYBODY = 'ANONYMOUS';
const ACTORS = [
  ANYBODY,
  'PLAYER',
  'OPERATOR',
  'OPERATOR_WITH_GRANTS',
  'ADMIN',
  'AUDITOR',
  'DEVICE',
  'PARTNER',
  'FOREIGN_ADMIN',
] as const;
type ActorName = (typeof ACTORS)[number];

const schema = buildSchema();
const calls = callsOf(schema);
/** Asked for nothing here: to begin at GitHub takes no word with it. */
const github = {
  name: 'GITHUB',
  clientId: 'floorwire',
  clientSecret: 'unused here',
  url: 'https://github.example',
  apiUrl: 'https://github.example/api/v3',
} as const;
const redirectUri = 'https://floor.example/signed-in';
const oauth = { providers: [github], redirectUris: [redirectUri] };
/** None is ever written: each can be given up until somebody does. */
const bulkExports = { folder: await temporaryFolder(), maxBytes: 1, perVenue: 0, retentionMs: 1 };
const floor = await aFloorApp({ machines: 1, settings: { oauth, bulkExports, parkedCarsPerUser: 1_000 } });
await floor.online();
await eventually(async () => (await floor.ask('{ meters { version } }')).data.meters.length > 0);
// Behind this cursor each durable stream has something to tell at once.
const cursor = await floor.cursor();
const [machineId = ''] = floor.machineIds;
const lineId: string = (await floor.ask('{ sasLines { id } }')).data.sasLines[0].id;
for (const enabled of [false, true]) {
  const { data } = await floor.ask(
    'mutation ($input: SetBillAcceptorInput!) { setBillAcceptor(input: $input) { __typename } }',
    { variables: { input: { machineId, enabled } } },
  );
  expect(data.setBillAcceptor.__typename).toBe('SetBillAcceptorSuccess');
}

const anotherDevice = await aDevice(floor.app().services.runWork, { venueId: floor.venueId });

/** The type of thing that an argument of type ID means. */
const TYPE_OF_ID: readonly (readonly [RegExp, string])[] = [
  [/\.machineIds?$/, 'Machine'],
  [/\.lineId$/, 'SasLine'],
  [/\.eventId$/, 'MachineEvent'],
  [/\.jackpotId$/, 'Jackpot'],
  [/^wallet\.id$|\.(walletId|fromWalletId|toWalletId)$/, 'Wallet'],
  [/^releaseSlotHold\.holdId$/, 'SlotHold'],
  [/\.holdId$/, 'WalletHold'],
  [/^resource\.id$|\.resourceIds?$/, 'Resource'],
  [/^slot\.id$|\.slotId$/, 'Slot'],
  [/^booking\.id$|\.bookingId$/, 'Booking'],
  [/\.feedId$/, 'CalendarFeed'],
  [/\.seriesId$/, 'BookingSeries'],
  [/\.blockId$/, 'SlotBlock'],
  [/\.entryId$/, 'WaitlistEntry'],
  [/^parkingLot\.id$|\.lotIds?$/, 'ParkingLot'],
  [/\.spaceIds?$/, 'ParkingSpace'],
  [/\.reservationId$/, 'ParkingReservation'],
  [/\.transactionId$/, 'LedgerTransaction'],
  [/\.transferId$/, 'AftTransfer'],
  [/^(machine\.id|node\.id|nodes\.ids)$/, 'Machine'],
  [/^revokeSession\.sessionId$/, 'AuthSession'],
  [/\.identityId$/, 'LinkedIdentity'],
  [/\.sessionId$/, 'ParkingSession'],
  [/\.(userId|userIds|ownerId|actorId|holderId)$/, 'User'],
  [/^(markNotificationsRead|deleteNotifications)\.ids$/, 'Notification'],
  [/\.apiKeyId$/, 'ApiKey'],
  [/\.venueId$/, 'Venue'],
  [/\.connectionId$/, 'RealtimeConnection'],
  [/^device\.id$|\.deviceIds?$/, 'Device'],
  [/\.groupIds?$/, 'DeviceGroup'],
  [/\.commandId$/, 'DeviceCommand'],
  [/^layout\.id$|\.layoutId$/, 'Layout'],
  [/\.pushId$/, 'LayoutPush'],
  [/^medium\.id$|\.mediaId$|^syncContent\.contentId$/, 'Media'],
  [/^playlist\.id$|\.playlistId$/, 'Playlist'],
  [/\.scheduleId$/, 'Schedule'],
  [/\.takeoverId$/, 'Takeover'],
  [/\.firmwareId$/, 'Firmware'],
  [/\.deploymentId$/, 'Deployment'],
  [/\.alertRuleId$/, 'AlertRule'],
  [/\.alertId$/, 'Alert'],
  [/^bulkExport\.id$|\.bulkExportId$/, 'BulkExport'],
];

function typeOfId(place: string): string {
  const type = TYPE_OF_ID.find(([pattern]) => pattern.test(place))?.[1];
  if (!type) throw new Error(`Say in test/authz/matrix.test.ts which id ${place} takes.`);
  return type;
}

const operator = await floor.ask('{ viewer { user { id } } }');
const own: Record<string, string> = {
  Machine: machineId,
  SasLine: lineId,
  User: operator.data.viewer.user.id,
  ApiKey: await aKeyOfVenue(),
  Venue: encodeGlobalId('Venue', floor.venueId),
  RealtimeConnection: await aConnectionOfVenue(),
  Jackpot: await aJackpot(floor.venueId),
  MachineEvent: (await floor.ask('{ machineEvents(first: 1) { nodes { id } } }')).data.machineEvents.nodes[0]
    .id,
};

// Otherwise the stream of handpays has nothing to say.
await aHandpay(floor.app().services.runWork, {
  venueId: floor.venueId,
  machineId: decodeIdOf('Machine', machineId),
});

// Otherwise the other venue's stream of jackpots has nothing to say.
await aJackpot(await anotherVenueId());

const money = await someMoney(floor.app().services.runWork, floor.venueId);
Object.assign(own, money);
// A machine without AFT rejects it.
own.AftTransfer = encodeGlobalId(
  'AftTransfer',
  await aTransfer(floor.app().services.runWork, {
    venueId: floor.venueId,
    walletId: decodeIdOf('Wallet', money.Wallet ?? ''),
    machineId: decodeIdOf('Machine', machineId),
  }),
);
await eventually(
  async () =>
    (await floor.ask('{ aftTransfers(first: 1) { nodes { state } } }')).data.aftTransfers.nodes[0].state ===
    'REJECTED',
);
// Otherwise the player's stream of events has nothing to say.
const { data: player } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
await aWallet(floor.app().services.runWork, {
  venueId: floor.venueId,
  userId: decodeIdOf('User', player.viewer.user.id),
  currency: 'KWD',
});
Object.assign(
  own,
  await someTime(floor.app().services.runWork, {
    venueId: floor.venueId,
    userId: decodeIdOf('User', own.User ?? ''),
  }),
);
// Otherwise neither the player’s stream of bookings nor that of the other venue has anything to say.
await someTime(floor.app().services.runWork, {
  venueId: floor.venueId,
  userId: decodeIdOf('User', player.viewer.user.id),
});
const elsewhere = await anotherVenueId();
const stranger = await aUser(floor.app().services.runWork, { venueId: elsewhere });
await someTime(floor.app().services.runWork, { venueId: elsewhere, userId: stranger.id });
// Each person hears of his own lines and reservations only, and of what he is told.
for (const role of [
  'PLAYER',
  'OPERATOR',
  'OPERATOR_WITH_GRANTS',
  'ADMIN',
  'AUDITOR',
  'FOREIGN_ADMIN',
] as const) {
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: role });
  const userId = decodeIdOf('User', data.viewer.user.id);
  const venueId = role === 'FOREIGN_ADMIN' ? elsewhere : floor.venueId;
  await aPlaceInLine(floor.app().services.runWork, { venueId, userId });
  await aNotice(floor.app().services.runWork, { venueId, userId });
  await someStays(floor.app().services.runWork, { venueId, userId });
}
for (const venueId of [floor.venueId, elsewhere]) await aMessage(floor.app().services.runWork, { venueId });
// Otherwise the other venue's stream of parking lots has nothing to say.
await aParkingLot(floor.app().services.runWork, { venueId: elsewhere });
Object.assign(own, await someParking(floor.app().services.runWork, floor.venueId));
Object.assign(
  own,
  await someStays(floor.app().services.runWork, {
    venueId: floor.venueId,
    userId: decodeIdOf('User', own.User ?? ''),
  }),
);
const { data: itself } = await floor.ask('{ viewer { device { id } } }', { as: 'DEVICE' });
const deviceId = decodeIdOf('Device', itself.viewer.device.id);
/** The device that asks, a group it is in, and what it was told to do. */
const devices = await someCare(floor.app().services.runWork, { venueId: floor.venueId, deviceId });
Object.assign(own, devices);
await floor.app().services.runWork(system('test'), (work) =>
  updateDevice(work, {
    venueId: floor.venueId,
    deviceId,
    expectedVersion: 1,
    resourceId: decodeIdOf('Resource', own.Resource ?? ''),
  }),
);
// Otherwise the other venue’s stream of devices has nothing to say.
const { id: theirDevice } = await aDevice(floor.app().services.runWork, { venueId: elsewhere });
await someCare(floor.app().services.runWork, { venueId: elsewhere, deviceId: theirDevice });
Object.assign(own, await someSignage(floor.app().services.runWork, floor.venueId));
Object.assign(own, await someRules(floor.app().services.runWork, floor.venueId));
Object.assign(own, await someAlerts(floor.app().services.runWork, floor.venueId));
Object.assign(own, await anOpenExport(floor.venueId));
// Otherwise the other venue's stream of exports has nothing to say.
await anOpenExport(elsewhere);
// Otherwise the other venue's stream of alerts has nothing to say.
await someAlerts(floor.app().services.runWork, elsewhere);
// Otherwise the device has nothing to report.
await aPushedLayout(floor.app().services.runWork, {
  venueId: floor.venueId,
  deviceIds: [deviceId],
});
// Otherwise the other venue's stream of content has nothing to say.
await aMedium(floor.app().services.runWork, { venueId: elsewhere });
Object.assign(own, await someMedia(floor.app().services.runWork, floor.venueId));
const firmware = { venueId: floor.venueId, deviceId, deviceKind: 'SCREEN' } as const;
Object.assign(own, await someFirmware(floor.app().services.runWork, firmware));
const recipient = await aWallet(floor.app().services.runWork, { venueId: floor.venueId });

/** Each of these is asked about money to which nothing was done yet. */
const CHANGES_MONEY: ReadonlySet<string> = new Set([
  'Mutation.captureWalletHold',
  'Mutation.voidWalletHold',
  'Mutation.reverseLedgerTransaction',
]);

/** Each of these is asked about a resource of which nothing else was done yet. */
const CHANGES_TIME = /^Mutation\..*(Slot|Slots|SlotHold|Booking|Series|Resource|Waitlist|WaitlistOffer)$/;

/** Each of these is asked about a parking lot that nobody has changed yet. */
const CHANGES_LOTS: ReadonlySet<string> = new Set(['Mutation.updateParkingLot', 'Mutation.setParkingRate']);

/** Each of these is asked about a lot, a reservation and stays to which nothing was done yet. */
const CHANGES_STAYS = /^Mutation\.(reserve|extend|cancel|start|end|pay|settle)Parking/;

/** Each of these is asked about a layout and a push of it to which nothing was done yet. */
const CHANGES_LAYOUTS = /^Mutation\..*Layout(Push|Editing)?$/;

/** Each of these is asked about a schedule and a takeover to which nothing was done yet. */
const CHANGES_RULES: ReadonlySet<string> = new Set(['Mutation.saveSchedule', 'Mutation.endTakeover']);

/** Each of these is asked about a rule and an alert to which nothing was done yet. */
const CHANGES_ALERTS = /^Mutation\..*Alert(Rule)?$/;

/** Each of these is asked about an export that nobody has given up yet. */
const CHANGES_EXPORTS = /^Mutation\..*BulkExport$/;

/** Each of these is asked about a notice of the operator to which nothing was done yet. */
const CHANGES_NOTICES = /^Mutation\..*Notifications/;

/** Each of these is asked about a medium, a playlist and a file to which nothing was done yet. */
const CHANGES_MEDIA =
  /^Mutation\.(uploadMedia|updateMedia|deleteMedia|savePlaylist|deletePlaylist|syncContent)$/;

/** Who is refused before anybody looks at a slot, or at a place to park. */
const IS_REFUSED_UNSEEN: ReadonlySet<ActorName> = new Set([ANYBODY, 'AUDITOR', 'DEVICE', 'PARTNER']);

/** After these the caller's token is worth nothing. */
const ENDS_SESSIONS: ReadonlySet<string> = new Set(['Mutation.logout', 'Mutation.revokeSession']);

/** Each of these is asked about a line and a machine to which nothing was done yet, and which nobody polls. */
const CHANGES_THE_FLOOR: ReadonlySet<string> = new Set([
  'Mutation.configureSasLine',
  'Mutation.removeSasLine',
  'Mutation.registerMachine',
  'Mutation.removeMachine',
  'Mutation.createResource',
]);

/** Each of these is asked about somebody to whom nothing was done yet. */
const CHANGES_USERS: ReadonlySet<string> = new Set([
  'Mutation.setUserRoles',
  'Mutation.lockUser',
  'Mutation.unlockUser',
]);

/** Each of these is asked about a device that nobody has changed yet. */
const CHANGES_DEVICES: ReadonlySet<string> = new Set([
  'Mutation.updateDevice',
  'Mutation.removeDevice',
  'Mutation.deployFirmware',
]);

const SPECIAL: Readonly<Record<string, string>> = {
  'deployments.firmwareId': 'DeployedFirmware',
  // One lines up for what somebody else has.
  'joinWaitlist.slotId': 'TakenSlot',
  // What has not ended is not due.
  'payParkingDue.sessionId': 'EndedParkingSession',
  'settleParkingDue.sessionId': 'DueParkingSession',
};

function ownId(place: string): string {
  if (place === 'transferBetweenWallets.toWalletId') return encodeGlobalId('Wallet', recipient.id);
  const id = own[SPECIAL[place] ?? typeOfId(place)];
  if (!id) throw new Error(`The test venue has no ${typeOfId(place)}.`);
  return id;
}
const missingId = (place: string) => {
  const type = typeOfId(place);
  return encodeGlobalId(type, type === 'Slot' ? slotKeyOf(newId(), new Date()) : newId());
};

function valuesFor(actor: ActorName, idOf: CallValues['idOf']): CallValues {
  const name = `by-${actor.toLowerCase()}`;
  const texts: Readonly<Record<string, string>> = {
    idempotencyKey: newId(),
    identifier: 'player',
    password: PASSWORD,
    venue: 'casino',
    redirectUri,
    email: `${name}@example.com`,
    newEmail: `new-${name}@example.com`,
    username: name,
    eventTypes: 'machine.event-raised',
    // The slug it has, by which people sign in to it.
    'updateVenue.slug': 'casino',
    'createVenue.slug': name.replaceAll('_', '-'),
    'stageUpload.contentType': 'image/png',
    'stageUpload.sha256': '0'.repeat(64),
    uploadToken: own.UploadToken ?? '',
    'uploadFirmware.uploadToken': own.FirmwareToken ?? '',
    'uploadFirmware.version': newId(),
    // A right one would take away who asks next.
    'deleteMyAccount.password': 'wrong',
    'channel.name': 'emergency-alerts',
    'bookSeries.rule': 'FREQ=DAILY;COUNT=2',
    'createResource.name': `Made ${name}`,
    'createParkingLot.name': `Made ${name}`,
    'createDeviceGroup.name': `Made ${newId()}`,
    'registerDevice.deviceNumber': `made-${newId().slice(-12)}`,
    'registerDevice.serialNumber': newId(),
    'createLayout.name': `Made ${name}`,
    'updateLayout.name': `Changed ${newId()}`,
    plate: newId().slice(-12),
    'updateParkingLot.name': `Changed ${newId()}`,
    'updateResource.name': `Changed ${newId()}`,
    'createUser.email': `made-${name}@example.com`,
    'createUser.username': `made-${name}`,
    // Not the one that asks: it would end its own session.
    ...anotherDevice,
    // The name he has, by which he signs in again.
    'updateProfile.username': actor.toLowerCase(),
  };
  return {
    idOf,
    cursor,
    textOf: (argument, field) => texts[`${field}.${argument}`] ?? texts[argument] ?? 'text',
  };
}

const askerOf = (actor: ActorName): Asker | null => (actor === ANYBODY ? null : actor);

interface Outcome {
  /** `OK`, `none` for an answer in which nothing is found, or the code of the error. */
  readonly said: string;
  readonly answer: string;
}

/** What was made for a field to change, until somebody has done so: the making takes longer than the asking. */
let untouched: { readonly field: string; readonly things: Record<string, string> } | null = null;

async function outcomeOf(call: Call, actor: ActorName, idOf = ownId): Promise<Outcome> {
  if (call.name === 'Mutation.revokeSession') own.AuthSession = await sessionOfOperator();
  if (call.name === 'Mutation.unlinkIdentity') own.LinkedIdentity = await identityOfOperator();
  if (untouched?.field !== call.name) {
    const isRefusedUnseen = IS_REFUSED_UNSEEN.has(actor);
    const things = await thingsFor(call.name, isRefusedUnseen);
    untouched = isRefusedUnseen ? null : { field: call.name, things };
    Object.assign(own, things);
  }
  if (untouched) Object.assign(own, untouched.things);
  const query = call.write(valuesFor(actor, idOf));
  Object.assign(own, { Machine: machineId, SasLine: lineId, Device: devices.Device ?? '', ...money });
  const as = askerOf(actor);
  const result = call.kind === 'Subscription' ? await firstFrame(query, as) : await floor.ask(query, { as });
  if (as && ENDS_SESSIONS.has(call.name)) floor.signInAgain(as);
  const outcome = said(result);
  if (outcome === 'OK') untouched = null;
  return { said: outcome, answer: JSON.stringify(result) };
}

/** Makes what this field is asked about, if it changes that. */
async function thingsFor(field: string, isRefusedUnseen: boolean): Promise<Record<string, string>> {
  const { runWork } = floor.app().services;
  const { venueId } = floor;
  const userId = decodeIdOf('User', own.User ?? '');
  const things: Record<string, string> = {};
  const add = (made: Readonly<Record<string, string>>) => void Object.assign(things, made);
  if (field === 'Mutation.revokeCalendarFeed') add({ CalendarFeed: await aFeedOfOperator() });
  if (CHANGES_NOTICES.test(field)) add({ Notification: await aNoticeOfOperator() });
  if (CHANGES_USERS.has(field)) add({ User: await somebodyElse() });
  if (CHANGES_THE_FLOOR.has(field)) add(await aSpareLine(field === 'Mutation.removeSasLine' ? 0 : 1));
  if (field === 'Mutation.configureJackpot') await forgetChanges();
  if (CHANGES_LAYOUTS.test(field)) add(await someSignage(runWork, venueId));
  if (field === 'Mutation.uploadFirmware') add({ FirmwareToken: await aFirmwareFile(runWork, venueId) });
  if (field === 'Mutation.acknowledgeCommand') add(await someCare(runWork, { venueId, deviceId }));
  if (CHANGES_MEDIA.test(field)) add(await someMedia(runWork, venueId));
  if (CHANGES_MONEY.has(field)) add(await someMoney(runWork, venueId));
  if (field === 'Mutation.setWalletStatus')
    add({ Wallet: encodeGlobalId('Wallet', (await aWallet(runWork, { venueId })).id) });
  if (isRefusedUnseen) return things;
  if (CHANGES_TIME.test(field)) add(await someTime(runWork, { venueId, userId }));
  if (CHANGES_LOTS.has(field) || CHANGES_STAYS.test(field)) add(await someParking(runWork, venueId));
  if (CHANGES_STAYS.test(field)) add(await someStays(runWork, { venueId, userId }));
  if (CHANGES_DEVICES.has(field))
    add({ Device: encodeGlobalId('Device', (await aDevice(runWork, { venueId })).id) });
  if (CHANGES_RULES.has(field)) add(await someRules(runWork, venueId));
  if (CHANGES_ALERTS.test(field)) add(await someAlerts(runWork, venueId));
  if (CHANGES_EXPORTS.test(field)) add(await anOpenExport(venueId));
  return things;
}

/** The only one of the venue that is not over: nothing is written here. */
async function anOpenExport(venueId: string): Promise<Record<string, string>> {
  const { db, runWork } = floor.app().services;
  const open = db.updateTable('bulk_export').where('venue_id', '=', venueId).where('finished_at', 'is', null);
  await open.set({ status: 'CANCELLED', finished_at: new Date() }).execute();
  return { BulkExport: encodeGlobalId('BulkExport', (await aBulkExport(runWork, { venueId })).id) };
}

async function anotherVenueId(): Promise<string> {
  return (await findVenueBySlug(floor.app().services.db, 'elsewhere'))?.id ?? '';
}

async function aJackpot(venueId: string): Promise<string> {
  const { id } = await floor.app().services.runWork(system('test'), (work) =>
    configureJackpot(work, {
      venueId,
      jackpotId: null,
      expectedVersion: null,
      name: 'Mystery',
      group: 1,
      level: 1,
      resetCents: 100n,
    }),
  );
  return encodeGlobalId('Jackpot', id);
}

/** As if nobody had changed the jackpot yet. */
async function forgetChanges(): Promise<void> {
  await floor.app().services.db.updateTable('jackpot').set({ version: 1 }).execute();
}

async function aSpareLine(count: number): Promise<Record<string, string>> {
  const { venueId } = floor;
  const { lineId, machines } = await aLine(floor.app().services.runWork, {
    venueId,
    machines: count,
    drivenBy: 'nobody',
  });
  return {
    SasLine: encodeGlobalId('SasLine', lineId),
    ...(machines[0] && { Machine: encodeGlobalId('Machine', machines[0].id) }),
  };
}

async function somebodyElse(): Promise<string> {
  const { id } = await aUser(floor.app().services.runWork, { venueId: floor.venueId });
  return encodeGlobalId('User', id);
}

const aNoticeOfOperator = (): Promise<string> =>
  aNotice(floor.app().services.runWork, {
    venueId: floor.venueId,
    userId: decodeIdOf('User', operator.data.viewer.user.id),
  });

const aFeedOfOperator = (): Promise<string> =>
  aCalendarFeed(floor.app().services.runWork, {
    venueId: floor.venueId,
    userId: decodeIdOf('User', operator.data.viewer.user.id),
  });

const sessionOfOperator = async (): Promise<string> =>
  (await floor.ask('{ viewer { session { id } } }')).data.viewer.session.id;

/** Linked anew each time. */
async function identityOfOperator(): Promise<string> {
  const { db } = floor.app().services;
  const [id, at] = [newId(), new Date()];
  const person = { provider: 'GITHUB', issuer: github.url, subject: id, email: null } as const;
  const userId = decodeIdOf('User', operator.data.viewer.user.id);
  await db.deleteFrom('linked_identity').where('user_id', '=', userId).execute();
  await insertIdentity(db, { id, userId, ...person, linkedAt: at, lastUsedAt: at });
  return encodeGlobalId('LinkedIdentity', id);
}

/** In a process that is none of ours, so that nobody closes it. */
async function aConnectionOfVenue(): Promise<string> {
  const userId = decodeIdOf('User', operator.data.viewer.user.id);
  const id = await aConnection(floor.app().services.db, { venueId: floor.venueId, userId });
  return encodeGlobalId('RealtimeConnection', id);
}

async function aKeyOfVenue(): Promise<string> {
  const { id } = await anApiKey(floor.app().services.runWork, { venueId: floor.venueId });
  return encodeGlobalId('ApiKey', id);
}

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[] | undefined;
}

async function firstFrame(query: string, as: Asker | null): Promise<Result> {
  const client = floor.client(as);
  const frames = client.iterate({ query });
  try {
    const { value } = await withDeadline(frames.next(), 60_000, `a frame of ${query}`);
    return value as Result;
  } catch (refusal) {
    if (!Array.isArray(refusal)) throw refusal;
    return { errors: refusal };
  } finally {
    await frames.return?.();
    await client.dispose();
  }
}

function said({ data, errors }: Result): string {
  if (errors?.[0]) return String(errors[0].extensions?.code);
  const [value] = Object.values((data ?? {}) as Record<string, unknown>);
  const entries = Array.isArray(value) ? value : nodesOf(value);
  const found = entries ? entries.filter((entry) => entry !== null) : [value ?? null];
  if (found.length === 0 || found[0] === null) return 'none';
  const { __typename, code } = found[0] as { readonly __typename?: string; readonly code?: string };
  return __typename?.endsWith('Error') ? String(code) : 'OK';
}

/** What is on a page; null for what is none. */
const nodesOf = (value: unknown): readonly unknown[] | null =>
  typeof value === 'object' && value !== null && 'nodes' in value && Array.isArray(value.nodes)
    ? value.nodes
    : null;

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

test('each root field answers each role as the matrix says', { timeout: 300_000 }, async () => {
  const rows: string[][] = [['field', ...ACTORS]];
  for (const call of calls) {
    const outcomes: string[] = [];
    for (const actor of ACTORS) outcomes.push((await outcomeOf(call, actor)).said);
    rows.push([call.name, ...outcomes]);
  }
  const matrix = table(rows);
  if (process.env.AUTHZ_MATRIX === 'write') await writeFile(FILE, matrix);
  expect(matrix).toBe(await readFile(FILE, 'utf8'));
});

/** No ADMIN may: devices of another venue are refused in test/flows and test/signage. */
const OF_DEVICES: ReadonlySet<string> = new Set([
  'Mutation.reportOccupancy',
  'Mutation.acknowledgeCommand',
  'Mutation.reportPlays',
  'Mutation.reportFirmwareProgress',
]);

test.each(calls.filter(({ name, takesIds }) => takesIds && !OF_DEVICES.has(name)))(
  '$name answers another venue’s id like a missing one, and not with AUTH_004',
  async (call) => {
    const foreign = await outcomeOf(call, 'FOREIGN_ADMIN');
    const missing = await outcomeOf(call, 'FOREIGN_ADMIN', missingId);
    expect(foreign.said).toBe(missing.said);
    expect(['API_002', 'none']).toContain(foreign.said);
  },
);

const wide = [
  ...callsOf(schema, { optionalIds: false }).filter(({ kind }) => kind === 'Query'),
  ...calls.filter(({ kind }) => kind === 'Subscription'),
].filter(({ takesIds }) => !takesIds);

test.each(wide)('$name tells another venue’s ADMIN of none of the venue’s things', async (call) => {
  const { answer } = await outcomeOf(call, 'FOREIGN_ADMIN');
  for (const id of await idsOfVenue()) expect(answer).not.toContain(id);
});

test('what is looked for in those answers is in the answers to the venue’s own ADMIN', async () => {
  const answers = await Promise.all(wide.map(async (call) => (await outcomeOf(call, 'ADMIN')).answer));
  for (const id of await idsOfVenue()) expect(answers.join()).toContain(id);
});

async function idsOfVenue(): Promise<string[]> {
  const { data } = await floor.ask('{ sasLines { id } }');
  return [machineId, data.sasLines[0].id, encodeGlobalId('Venue', floor.venueId), own.ApiKey ?? ''];
}
