import { describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { pathsOf, type WrongInput } from '../support/input-paths.ts';

/** What each room says of a wrong input: the path of the field that a form marks. */

const app = await aFloorApp();
const [machineId] = app.machineIds;
const idOfNone = (typename: string) => encodeGlobalId(typename, newId());

/** The id of what a mutation makes. */
async function made(mutation: string, input: string, member: string): Promise<string> {
  const success = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Success`;
  const { data, errors } = await app.ask(
    `mutation { answer: ${mutation}(input: { ${input} }) { __typename ... on ${success} { ${member} { id } } ... on Error { message } } }`,
    { as: 'ADMIN' },
  );
  if (!data?.answer?.[member]) throw new Error(JSON.stringify({ data, errors }));
  return data.answer[member].id;
}

const [line] = (await app.ask('{ sasLines { id } }')).data.sasLines;
const ids = {
  wallet: await made('openWallet', 'currency: "USD"', 'wallet'),
  resource: await made('createResource', 'kind: BENCH, name: "Bench"', 'resource'),
  lot: await made('createParkingLot', 'name: "North", capacity: 3', 'lot'),
  layout: await made('createLayout', 'name: "Lobby"', 'layout'),
  screen: await made(
    'registerDevice',
    'deviceNumber: "S1", serialNumber: "S1", kind: SCREEN, name: "S"',
    'device',
  ),
};
const money = { amount: '10.00', currency: 'USD', idempotencyKey: 'k' };
const report = { lotId: ids.lot, cars: 1, observedAt: '2020-01-01T00:00:00Z' };
const play = { playId: 'p', layoutId: ids.layout, revision: 1, startedAt: report.observedAt, durationMs: 1 };

/** Each right but for one thing. */
const RIGHT: Readonly<Record<string, object>> = {
  postWalletTransaction: { ...money, walletId: ids.wallet, kind: 'DEPOSIT' },
  placeWalletHold: { ...money, walletId: ids.wallet },
  transferBetweenWallets: { ...money, fromWalletId: ids.wallet, toWalletId: ids.wallet },
  setWalletStatus: { walletId: ids.wallet, status: 'FROZEN', reason: 'lost card' },
  captureWalletHold: { ...money, kind: 'FEE' },
  createUser: { email: 'new@example.com', roles: ['PLAYER'] },
  createVenue: { slug: 'other', name: 'Other', timeZone: 'Europe/Vienna', currency: 'EUR' },
  createApiKey: { name: 'Partner', scopes: ['MACHINES_READ'] },
  setUserRoles: { userId: idOfNone('User'), roles: ['PLAYER'], expectedVersion: 1 },
  changeEmail: { newEmail: 'new@example.com', password: 'x' },
  sendNotification: { message: 'Closed', to: { everybody: true } },
  broadcast: { type: 'note', data: {} },
  registerMachine: { lineId: line.id, name: 'M', address: 9 },
  configureSasLine: { name: 'L', port: 'ttyS9', wakeupMode: 'MARKED' },
  configureJackpot: { name: 'J', group: 1, level: 1, resetTo: '10.00' },
  startAftTransfer: { ...money, walletId: ids.wallet, machineId, direction: 'TO_MACHINE' },
  setMachineGameEnabled: { machineId, game: 1, enabled: true },
  verifyMachineRom: { machineId },
  lockMachine: { machineId, reason: 'repair' },
  createResource: { kind: 'BENCH', name: 'B' },
  blockSlots: { resourceId: ids.resource, startsAt: '2200-01-02T00:00:00Z', endsAt: '2200-01-03T00:00:00Z' },
  holdSlot: { resourceId: ids.resource, date: '2200-01-01', index: 1 },
  bookSeries: { resourceId: ids.resource, date: '2200-01-01', index: 1, rule: 'FREQ=DAILY;COUNT=2' },
  setBookingLimit: { role: 'PLAYER', window: 'DAY' },
  createParkingLot: { name: 'South', capacity: 5 },
  updateParkingLot: { lotId: ids.lot, expectedVersion: 1 },
  setParkingRate: { lotId: ids.lot, price: '1.00', per: 'PT1H' },
  reserveParking: { lotId: ids.lot, endsAt: '2200-01-03T00:00:00Z' },
  startParkingSession: { lotId: ids.lot },
  reportOccupancy: { reports: [report] },
  registerDevice: { deviceNumber: 'S2', serialNumber: 'S2', kind: 'SCREEN', name: 'S' },
  sendDeviceCommand: { deviceIds: [ids.screen], kind: 'REBOOT' },
  createLayout: { name: 'Bar' },
  updateLayout: { layoutId: ids.layout, expectedVersion: 1 },
  deleteLayout: { layoutId: ids.layout, expectedVersion: 1 },
  saveSchedule: { name: 'Noon', layoutId: ids.layout, targets: { everywhere: true } },
  savePlaylist: { name: 'Loop' },
  startTakeover: { layoutId: ids.layout, targets: { everywhere: true }, reason: 'alarm' },
  reportPlays: { batchId: 'b', plays: [play] },
};
const BY_DEVICE = ['reportOccupancy', 'reportDeviceStatus', 'reportPlays', 'reportLayoutApplied'];

function saysWhere(room: string, rows: readonly WrongInput[]): void {
  describe(`${room} says where`, () => {
    test.each(rows)('%s with %o is wrong: at %s', async (mutation, wrong, path) => {
      const as = BY_DEVICE.includes(mutation) ? 'DEVICE' : 'ADMIN';
      const paths = await pathsOf(app, mutation, { input: { ...RIGHT[mutation], ...wrong }, as });
      expect(paths).toEqual([`input.${path}`]);
    });
  });
}

saysWhere('wallet', [
  ['postWalletTransaction', { amount: '1.234' }, 'amount'],
  ['postWalletTransaction', { amount: '0' }, 'amount'],
  ['postWalletTransaction', { direction: 'DEBIT' }, 'direction'],
  ['postWalletTransaction', { kind: 'ADJUSTMENT', reason: 'counted anew' }, 'direction'],
  ['postWalletTransaction', { kind: 'ADJUSTMENT', direction: 'CREDIT' }, 'reason'],
  ['postWalletTransaction', { reason: ' ' }, 'reason'],
  ['postWalletTransaction', { reference: 'a\u0000b' }, 'reference'],
  ['postWalletTransaction', { effectiveAt: '2200-01-01T00:00:00Z' }, 'effectiveAt'],
  ['postWalletTransaction', { idempotencyKey: 'a b' }, 'idempotencyKey'],
  ['postWalletTransaction', { walletId: 'nonsense' }, 'walletId'],
  ['placeWalletHold', { expiresInSeconds: 0 }, 'expiresInSeconds'],
  ['transferBetweenWallets', {}, 'toWalletId'],
  ['setWalletStatus', { reason: '' }, 'reason'],
  ['captureWalletHold', { holdId: ids.wallet }, 'holdId'],
]);

saysWhere('auth', [
  ['createUser', { roles: [] }, 'roles'],
  ['createUser', { roles: ['PLAYER', 'DEVICE'] }, 'roles.1'],
  ['createUser', { username: 'a b' }, 'username'],
  ['createUser', { displayName: ' ' }, 'displayName'],
  ['createVenue', { slug: 'Other!' }, 'slug'],
  ['createVenue', { name: ' ' }, 'name'],
  ['createApiKey', { name: ' ' }, 'name'],
  ['createApiKey', { scopes: [] }, 'scopes'],
  ['createApiKey', { scopes: ['MACHINES_READ', 'USERS_WRITE'] }, 'scopes.1'],
  ['createApiKey', { eventTypes: ['machine.event-raised', 'nonsense'] }, 'eventTypes.1'],
  ['createApiKey', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
  ['exportMyData', { sections: ['nonsense'] }, 'sections'],
  ['exportMyData', { sections: [] }, 'sections'],
]);

saysWhere('notification', [
  ['sendNotification', { message: ' ' }, 'message'],
  ['sendNotification', { type: 'SECURITY' }, 'type'],
  ['sendNotification', { to: {} }, 'to'],
  ['sendNotification', { to: { roles: [] } }, 'to.roles'],
  ['sendNotification', { to: { userIds: [] } }, 'to.userIds'],
  ['sendNotification', { to: { userIds: [idOfNone('User'), 'x'] } }, 'to.userIds.1'],
  ['sendNotification', { data: { text: 'a\u0000' } }, 'data'],
  ['broadcast', { type: '1' }, 'type'],
  ['broadcast', { data: 2 ** 53 }, 'data'],
  ['setNotificationPreference', { type: 'SECURITY', inApp: false }, 'inApp'],
  ['deleteNotifications', { ids: [] }, 'ids'],
]);

saysWhere('machine', [
  ['registerMachine', { address: 128 }, 'address'],
  ['registerMachine', { lineId: null }, 'lineId'],
  ['configureSasLine', { name: null }, 'name'],
  ['configureSasLine', { port: '../ttyS9' }, 'port'],
  ['configureSasLine', { profile: 'No!' }, 'profile'],
  ['configureSasLine', { drivenBy: 'none' }, 'drivenBy'],
  ['configureJackpot', { group: 0 }, 'group'],
  ['configureJackpot', { level: 33 }, 'level'],
  ['configureJackpot', { resetTo: '1.234' }, 'resetTo'],
  ['configureJackpot', { amount: '999999999.99' }, 'amount'],
  ['configureJackpot', { resetTo: null }, 'resetTo'],
  ['startAftTransfer', { amount: '0.00' }, 'amount'],
  ['setMachineGameEnabled', { game: 0 }, 'game'],
  ['verifyMachineRom', { seed: -1 }, 'seed'],
  ['lockMachine', { reason: '' }, 'reason'],
]);

const monday = { weekday: 'MONDAY', opensAt: '09:00', closesAt: '12:00' };
saysWhere('booking', [
  ['createResource', { name: ' ' }, 'name'],
  ['createResource', { slotDuration: 'PT90S' }, 'slotDuration'],
  ['createResource', { slotDuration: 'PT1M' }, 'slotDuration'],
  ['createResource', { price: '1.234' }, 'price'],
  ['createResource', { capacity: 0 }, 'capacity'],
  ['createResource', { machineId }, 'machineId'],
  ['createResource', { openingHours: [monday, monday] }, 'openingHours'],
  ['createResource', { openingHours: [monday, { ...monday, opensAt: '13:00' }] }, 'openingHours.1.closesAt'],
  ['blockSlots', { endsAt: '2200-01-01T00:00:00Z' }, 'endsAt'],
  ['holdSlot', { expiresInSeconds: 0 }, 'expiresInSeconds'],
  ['bookSeries', { rule: 'FREQ=DAILY' }, 'rule'],
  ['setBookingLimit', { role: 'DEVICE' }, 'role'],
  ['setBookingLimit', { maximum: -1 }, 'maximum'],
]);

const spaces = { prefix: 'A-', first: 1, last: 2 };
saysWhere('parking', [
  ['createParkingLot', { capacity: 0 }, 'capacity'],
  ['createParkingLot', { usualStay: 'PT90S' }, 'usualStay'],
  ['createParkingLot', { location: { latitude: 91, longitude: 0 } }, 'location.latitude'],
  ['createParkingLot', { address: 'x'.repeat(501) }, 'address'],
  ['createParkingLot', { spaces: [spaces, { ...spaces, digits: 9 }] }, 'spaces.1.digits'],
  ['updateParkingLot', { addSpaces: [{ ...spaces, first: 3 }] }, 'addSpaces.0.last'],
  [
    'updateParkingLot',
    { changeSpaces: [{ range: { ...spaces, prefix: 'A B' } }] },
    'changeSpaces.0.range.prefix',
  ],
  ['updateParkingLot', { changeSpaces: [{}] }, 'changeSpaces.0'],
  ['setParkingRate', { price: '1.234' }, 'price'],
  ['setParkingRate', { per: 'PT0S' }, 'per'],
  ['setParkingRate', { dailyCap: '99999999999999.00' }, 'dailyCap'],
  ['setParkingRate', { validFrom: '2020-01-01T00:00:00Z' }, 'validFrom'],
  ['reserveParking', {}, 'endsAt'],
  ['reserveParking', { plate: '?' }, 'plate'],
  ['startParkingSession', { until: '2020-01-01T00:00:00Z' }, 'until'],
  ['reportOccupancy', { reports: [] }, 'reports'],
  ['reportOccupancy', { reports: [report, { ...report, cars: -1 }] }, 'reports.1.cars'],
  ['reportOccupancy', { reports: [report, { ...report, spaceId: ids.lot }] }, 'reports.1'],
]);

const region = { regionId: 'a', name: 'A', x: 0, y: 0, width: 10, height: 10, content: { text: 'x' } };
const days = (wrong: object) => ({ days: wrong });
saysWhere('signage', [
  ['registerDevice', { deviceNumber: 'a b' }, 'deviceNumber'],
  ['registerDevice', { tags: ['bar', 'No!'] }, 'tags.1'],
  ['sendDeviceCommand', { deviceIds: [] }, 'deviceIds'],
  ['sendDeviceCommand', { expiresAfter: 'PT1S' }, 'expiresAfter'],
  ['sendDeviceCommand', { kind: 'SET_VOLUME' }, 'parameters.percent'],
  ['sendDeviceCommand', { kind: 'SET_VOLUME', parameters: { percent: 101 } }, 'parameters.percent'],
  ['sendDeviceCommand', { kind: 'SET_POWER' }, 'parameters.on'],
  ['createLayout', { width: 0 }, 'width'],
  ['createLayout', { regions: [region, region] }, 'regions'],
  ['createLayout', { regions: [{ ...region, z: 1_000 }] }, 'regions.0.z'],
  ['createLayout', { regions: [{ ...region, content: {} }] }, 'regions.0.content'],
  [
    'createLayout',
    { regions: [{ ...region, content: { live: { machineId } } }] },
    'regions.0.content.live.meter',
  ],
  ['createLayout', { regions: [{ ...region, content: { text: 'a\u0000' } }] }, 'regions.0.content.text'],
  ['updateLayout', { upsertRegions: [region, { ...region, regionId: 'b', x: -1 }] }, 'upsertRegions.1.x'],
  ['updateLayout', { removeRegionIds: ['b'] }, 'removeRegionIds.0'],
  ['deleteLayout', { replaceWithLayoutId: ids.layout }, 'replaceWithLayoutId'],
  ['saveSchedule', { name: null }, 'name'],
  ['saveSchedule', { targets: { tags: ['bar', 'No!'] } }, 'targets.tags.1'],
  ['saveSchedule', days({ from: '2027-01-02', until: '2027-01-01' }), 'days.until'],
  ['saveSchedule', days({ monthDays: [32] }), 'days.monthDays'],
  [
    'saveSchedule',
    {
      dayparts: [
        { from: '08:00', to: '09:00' },
        { from: '24:00', to: '09:00' },
      ],
    },
    'dayparts.1.from',
  ],
  ['saveSchedule', { condition: {} }, 'condition'],
  [
    'saveSchedule',
    { condition: { occupancy: { lotId: ids.lot, fullAtLeastPercent: 0 } } },
    'condition.occupancy.fullAtLeastPercent',
  ],
  ['savePlaylist', { name: null }, 'name'],
  ['startTakeover', { endsAt: '2020-01-01T00:00:00Z' }, 'endsAt'],
  ['startTakeover', { targets: {} }, 'targets'],
  ['reportDeviceStatus', { freeBytes: '-1' }, 'freeBytes'],
  ['reportDeviceStatus', { softwareVersion: 'a b' }, 'softwareVersion'],
  ['reportPlays', { plays: [play, { ...play, durationMs: 0 }] }, 'plays.1.durationMs'],
  ['reportPlays', { batchId: '' }, 'batchId'],
  ['reportLayoutApplied', { displayVersion: '99' }, 'displayVersion'],
]);

test.each([
  ['machines(first: 0)', '{ nodes { id } }', ['first']],
  ['machines(last: 101)', '{ nodes { id } }', ['last']],
  ['machines(after: "nonsense")', '{ nodes { id } }', ['after']],
  ['node(id: "nonsense")', '{ id }', ['id']],
  [
    'bookingStats(resourceIds: [], from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z")',
    '{ total }',
    ['resourceIds'],
  ],
  ['parkingLots(near: { latitude: 0, longitude: 181 })', '{ nodes { id } }', ['near', 'longitude']],
  ['verifyAudit(anchor: { sequence: "1", hash: "x" })', '{ __typename }', ['anchor', 'hash']],
  ['wallet { available { formatted(locale: "?") } }', '', ['locale']],
])('%s says it among the errors', async (field, selection, path) => {
  const { errors } = await app.ask(`{ ${field} ${selection} }`, { as: 'ADMIN' });
  const [error] = errors ?? [];
  expect(error?.extensions).toMatchObject({
    code: 'API_001',
    details: { issues: [{ path, message: error?.message }] },
  });
});

test('a subscription that is refused says it too', async () => {
  const frames = app
    .client('ADMIN')
    .iterate({ query: 'subscription { meters(minIntervalMs: -1) { readAt } }' });
  const refusal = await frames.next().catch((errors: unknown) => errors);
  expect(refusal).toMatchObject([
    { extensions: { code: 'API_001', details: { issues: [{ path: ['minIntervalMs'] }] } } },
  ]);
});

test('a region that stays says what of a smaller canvas is too small for it', async () => {
  const upserted = { layoutId: ids.layout, expectedVersion: 1, upsertRegions: [{ ...region, y: 1_000 }] };
  expect(await pathsOf(app, 'updateLayout', { input: upserted })).toEqual([
    expect.stringContaining('UpdateLayoutSuccess'),
  ]);
  const smaller = { layoutId: ids.layout, expectedVersion: 2, height: 1_000 };
  expect(await pathsOf(app, 'updateLayout', { input: smaller })).toEqual(['input.height']);
});

test('what is wrong with no field alone names none', async () => {
  const input = { slotId: 'x', resourceId: ids.resource };
  const [answer] = await pathsOf(app, 'bookSlot', { input });
  expect(answer).toContain('Give slotId, or resourceId, date and index.');
});
