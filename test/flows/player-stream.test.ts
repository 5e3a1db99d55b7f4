import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { acknowledgeCommand } from '../../src/signage/command-service.ts';
import { findCommandsByIds } from '../../src/signage/command-store.ts';
import { reportProgress } from '../../src/signage/deployment-service.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { aMessage } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { aDeviceCommand } from '../support/device.ts';
import { aDeployment, aFirmware } from '../support/firmware.ts';
import { aParkingLot } from '../support/parking.ts';
import { aScreen, PLAYER, type Played } from '../support/screen.ts';
import { aLayout, aPush, aRegion, liveRegions } from '../support/signage.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { db, runWork, valueBoard } = floor.app().services;
const { venueId } = floor;
const machineId = Buffer.from(floor.machineIds[0] ?? '', 'base64url')
  .toString()
  .replace('Machine:', '');

const SAVE_PLAYLIST = `mutation ($input: SavePlaylistInput!) {
  savePlaylist(input: $input) { ... on SavePlaylistSuccess { playlist { id } } } }`;
const UPDATE_MEDIA = `mutation ($input: UpdateMediaInput!) { updateMedia(input: $input) { __typename } }`;

const text = (id: string) => [aRegion(id, { kind: 'TEXT', text: id })];
// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Update = any;
const isLayout = ({ __typename }: Update) => __typename === 'LayoutPushed';
const isValueOf = (regionId: string) => (update: Update) => update.regionIds?.includes(regionId) === true;
const regionsOf = ({ layout }: Update) =>
  layout?.regions.map(({ regionId }: { readonly regionId: string }) => regionId);

let groups = 0;
async function aJackpot(cents: bigint) {
  groups += 1;
  const terms = { name: `Jackpot ${newId()}`, group: 100 + groups, level: 1, cents, resetCents: 0n };
  const { id } = await runWork(DESK, (work) =>
    configureJackpot(work, { venueId, jackpotId: null, expectedVersion: null, ...terms }),
  );
  let version = 1;
  return {
    id,
    async grow(to: bigint) {
      await runWork(DESK, (work) =>
        configureJackpot(work, { venueId, jackpotId: id, expectedVersion: version, cents: to }),
      );
      version += 1;
    },
  };
}

const amountsOf = (played: Played, regionId: string) =>
  played
    .updates()
    .filter(isValueOf(regionId))
    .map(({ value }) => value?.amount.amount);

test('a device is first told what it shall show, and then whatever it shall show instead', async () => {
  const screen = await aScreen(floor);
  const other = await aScreen(floor);
  const played = await screen.follow();
  expect(await played.until(isLayout)).toEqual({
    __typename: 'LayoutPushed',
    cursor: expect.any(String),
    skipped: 0,
    displayVersion: '0',
    cause: null,
    desiredAt: null,
    layout: null,
  });
  const [one, two] = [
    await aLayout(runWork, { venueId, regions: text('one') }),
    await aLayout(runWork, { venueId, regions: text('two') }),
  ];
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId, other.deviceId] }, one);
  expect(await played.until(({ displayVersion }) => displayVersion === '1')).toMatchObject({
    cause: 'PUSH',
    desiredAt: expect.any(String),
    layout: {
      revision: 1,
      width: 1920,
      height: 1080,
      regions: [{ regionId: 'one', name: 'one', x: 0, y: 0, width: 960, height: 540, z: 0 }],
    },
  });
  await aPush(runWork, { venueId, deviceIds: [other.deviceId] }, two);
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId] }, null);
  expect(await played.until(({ displayVersion }) => displayVersion === '2')).toMatchObject({
    cause: null,
    layout: null,
  });
  // Of what another one is told it has heard nothing.
  expect(played.updates().map(regionsOf)).toEqual([undefined, ['one'], undefined]);
  played.off();
});

test('a device that was away gets the newest, from wherever it goes on, and not what was in between', async () => {
  const screen = await aScreen(floor);
  const played = await screen.follow();
  const { cursor } = await played.until(isLayout);
  played.off();
  for (const id of ['first', 'second', 'third'])
    await aPush(
      runWork,
      { venueId, deviceIds: [screen.deviceId] },
      await aLayout(runWork, { venueId, regions: text(id) }),
    );
  for (const after of [null, cursor]) {
    const again = await screen.follow(after);
    expect(await again.until(isLayout)).toMatchObject({ displayVersion: '3' });
    await again.socket.roundTrip();
    expect(again.updates().map(regionsOf)).toEqual([['third']]);
    again.off();
  }
});

test('a device is told what firmware it may have, and again whenever it comes until it is through with it', async () => {
  const screen = await aScreen(floor);
  const isOffer = ({ __typename }: Update) => __typename === 'FirmwareOffered';
  const live = await screen.follow();
  await live.until(isLayout);
  const { id: firmwareId, version } = await aFirmware(runWork, { venueId, deviceKind: 'SCREEN' });
  const { deviceId } = screen;
  const deployment = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] });
  const offer = {
    cursor: expect.any(String),
    deployment: { id: encodeGlobalId('Deployment', deployment.id), state: 'RUNNING', firmware: { version } },
  };
  expect(await live.until(isOffer)).toMatchObject(offer);
  live.off();
  const again = await screen.follow();
  expect(await again.until(isOffer)).toMatchObject(offer);
  again.off();

  const actor = { kind: 'device', deviceId, venueId, sessionId: newId() } as const;
  const done = { state: 'UP_TO_DATE', percent: null, failure: null, message: null, sha256: null } as const;
  await runWork(actor, (work) => reportProgress(work, actor, { deploymentId: deployment.id, ...done }));
  const after = await screen.follow();
  await after.until(isLayout);
  await after.socket.roundTrip();
  expect(after.updates().filter(isOffer)).toEqual([]);
  after.off();
});

test('each kind of live region is shown as it is, and again when it changes', async () => {
  const jackpot = await aJackpot(100_00n);
  const lot = await aParkingLot(runWork, { venueId, capacity: 5 });
  const table = await aResource(runWork, { venueId });
  await aMessage(runWork, { venueId, data: { text: 'Welcome' } });
  const bindings = {
    jackpot: { kind: 'JACKPOT', jackpotId: jackpot.id },
    lot: { kind: 'OCCUPANCY', lotId: lot.id },
    table: { kind: 'SLOT_BOARD', resourceId: table.id },
    credits: { kind: 'METER', machineId, meter: 'GAMES_PLAYED' },
    news: { kind: 'CHANNEL', channel: 'venue' },
    gone: { kind: 'JACKPOT', jackpotId: newId() },
  } as const;
  const screen = await aScreen(floor);
  await aPush(
    runWork,
    { venueId, deviceIds: [screen.deviceId] },
    await aLayout(runWork, { venueId, regions: liveRegions(bindings) }),
  );
  const played = await screen.follow();
  const value = async (regionId: string) => (await played.until(isValueOf(regionId))).value;
  expect(await value('jackpot')).toMatchObject({ amount: { amount: '100.00', currency: 'USD' } });
  expect(await value('lot')).toMatchObject({ name: lot.name, capacity: 5, occupied: 0, free: 5 });
  const board = await value('table');
  expect(board).toMatchObject({ name: table.name, date: dayAhead(table, 0) });
  expect(new Set(board.slots.map(({ state }: { readonly state: string }) => state))).toEqual(
    new Set(['AVAILABLE']),
  );
  // Nothing is shown until the machine's meters have been read for the first time.
  const metered = await played.until((update) => isValueOf('credits')(update) && update.value !== null);
  expect(metered.value).toMatchObject({ label: 'Games played', unit: 'COUNT', money: null });
  expect(await value('news')).toMatchObject({ type: 'test', data: { text: 'Welcome' } });
  expect(await value('gone')).toBeNull();

  await jackpot.grow(100_01n);
  expect(await played.until(({ value }) => value?.amount?.amount === '100.01')).toMatchObject({
    regionIds: ['jackpot'],
    displayVersion: '1',
  });
  const { data } = await floor.ask(
    'mutation ($input: UpdateParkingLotInput!) { updateParkingLot(input: $input) { __typename } }',
    {
      variables: {
        input: {
          lotId: encodeGlobalId('ParkingLot', lot.id),
          expectedVersion: 1,
          capacity: 7,
        },
      },
    },
  );
  expect(data.updateParkingLot.__typename).toBe('UpdateParkingLotSuccess');
  await played.until(({ value }) => value?.free === 7);
  const { id: userId } = await aUser(runWork, { venueId });
  const [last] = board.slots.slice(-1);
  await aBooking(runWork, {
    venueId,
    userId,
    slot: { resourceId: table.id, startsAt: new Date(last.startsAt) },
  });
  const booked = await played.until(
    ({ value }) => value?.slots?.at(-1).state === 'BOOKED' && value.name === table.name,
  );
  // Who has it is nobody's business.
  expect(JSON.stringify(booked)).not.toContain(userId);
  floor.egms[0]?.insertBill(1n);
  floor.egms[0]?.play({ wager: 1n, win: 0n });
  await played.until(({ value }) => value?.__typename === 'BoundMeter' && value.value === '1');
  await aMessage(runWork, { venueId, data: 'Closing soon' });
  await played.until(({ value }) => value?.data === 'Closing soon');
  played.off();
});

test('what is for few is not shown to whoever passes, whatever a layout says', async () => {
  await floor.ask('mutation ($input: BroadcastInput!) { broadcast(input: $input) { __typename } }', {
    as: 'ADMIN',
    variables: { input: { channel: 'admin-notifications', type: 'test', data: 'secret' } },
  });
  const screen = await aScreen(floor);
  const bindings = { news: { kind: 'CHANNEL', channel: 'admin-notifications' } } as const;
  await aPush(
    runWork,
    { venueId, deviceIds: [screen.deviceId] },
    await aLayout(runWork, { venueId, regions: liveRegions(bindings) }),
  );
  const played = await screen.follow();
  expect(await played.until(isValueOf('news'))).toMatchObject({ value: null });
  played.off();
});

test('commands come down the stream, each until the device has it, and are then DELIVERED', async () => {
  const screen = await aScreen(floor, 'LAB_BOARD');
  const device = { venueId, deviceId: screen.deviceId };
  const waiting = await aDeviceCommand(runWork, { ...device, kind: 'IDENTIFY', parameters: { seconds: 5 } });
  const played = await screen.follow();
  const isCommand =
    ({ id }: { readonly id: string }) =>
    (update: Update) =>
      update.command?.id === encodeGlobalId('DeviceCommand', id);
  expect(await played.until(isCommand(waiting))).toMatchObject({
    __typename: 'DeviceCommandIssued',
    cursor: expect.any(String),
    command: { kind: 'IDENTIFY', parameters: { seconds: 5 } },
  });
  const sent = await Promise.all([1, 2, 3].map(() => aDeviceCommand(runWork, device)));
  for (const command of sent) await played.until(isCommand(command));
  const all = [waiting, ...sent];
  const statesOf = async () => {
    const commands = await findCommandsByIds(
      db,
      venueId,
      all.map(({ id }) => id),
    );
    return commands.map(({ state }) => state);
  };
  await eventually(async () => (await statesOf()).every((state) => state === 'DELIVERED'));
  // They may have been lost on the way: those that are not acknowledged come again, from wherever it goes on.
  const { cursor } = await played.until(isCommand(waiting));
  played.off();
  await runWork({ kind: 'device', ...device, sessionId: newId() }, (work) =>
    acknowledgeCommand(work, device, {
      commandId: waiting.id,
      report: 'ACKNOWLEDGED',
      message: null,
      result: null,
    }),
  );
  const again = await screen.follow(cursor);
  for (const command of sent) await again.until(isCommand(command));
  expect(again.updates().some(isCommand(waiting))).toBe(false);
  again.off();
});

test('with another layout come its values, and no more of those before', async () => {
  const [one, two] = [await aJackpot(1_00n), await aJackpot(2_00n)];
  const screen = await aScreen(floor);
  const push = async (regionId: string, jackpotId: string) =>
    aPush(
      runWork,
      { venueId, deviceIds: [screen.deviceId] },
      await aLayout(runWork, {
        venueId,
        regions: liveRegions({ [regionId]: { kind: 'JACKPOT', jackpotId } }),
      }),
    );
  await push('left', one.id);
  const played = await screen.follow();
  await played.until(isValueOf('left'));
  await push('right', two.id);
  await played.until(isValueOf('right'));
  // Once, or once more when its push came into the log after the screen had begun.
  const former = amountsOf(played, 'left');
  await one.grow(1_01n);
  await two.grow(2_01n);
  await eventually(() => amountsOf(played, 'right').includes('2.01'));
  expect(amountsOf(played, 'left')).toEqual(former);
  // The same one elsewhere is shown there as it is.
  await push('middle', two.id);
  expect(await played.until(isValueOf('middle'))).toMatchObject({ value: { amount: { amount: '2.01' } } });
  played.off();
});

test('a value that many screens show is read once for all of them', async () => {
  const jackpot = await aJackpot(1_00n);
  const screens = await Promise.all(Array.from({ length: 20 }, () => aScreen(floor)));
  const regions = liveRegions({
    top: { kind: 'JACKPOT', jackpotId: jackpot.id },
    bottom: { kind: 'JACKPOT', jackpotId: jackpot.id },
  });
  const deviceIds = screens.map(({ deviceId }) => deviceId);
  await aPush(runWork, { venueId, deviceIds }, await aLayout(runWork, { venueId, regions }));
  const playing = await Promise.all(screens.map((screen) => screen.follow()));
  await Promise.all(playing.map((played) => played.until(isValueOf('bottom'))));
  const before = valueBoard.reads();
  await jackpot.grow(1_01n);
  await Promise.all(playing.map((played) => played.until(({ value }) => value?.amount.amount === '1.01')));
  expect(valueBoard.reads() - before).toBe(1);
  for (const played of playing) played.off();
});

test('the stream ends with the session of its device, and nobody else has one', async () => {
  const screen = await aScreen(floor);
  const played = await screen.follow();
  await played.until(isLayout);
  const trace = { userAgent: 'screen', address: '127.0.0.1' };
  await floor.app().services.auth.authenticateDevice({ venue: 'casino', ...screen.credentials }, trace);
  expect(await played.socket.closed()).toMatchObject({ code: 4493 });
  for (const as of ['ADMIN', 'OPERATOR', 'PARTNER'] as const) {
    const frames = floor.follow(PLAYER, { as });
    const refusal = await frames.next().catch((errors: unknown) => errors);
    expect(refusal).toMatchObject([{ extensions: { code: 'AUTH_004' } }]);
  }
});

test('a device hears when something that its layout shows is another, and of nothing else', async () => {
  const ids = await Promise.all([1, 2, 3].map(async () => (await aMedium(runWork, { venueId })).id));
  const [poster = '', film = '', other = ''] = ids;
  const global = (id: string) => encodeGlobalId('Media', id);
  const saved = await floor.ask(SAVE_PLAYLIST, {
    variables: { input: { name: 'Films', items: [{ mediaId: global(film), duration: 'PT5S' }] } },
  });
  const playlistId = saved.data.savePlaylist.playlist.id;
  const regions = [
    aRegion('poster', { kind: 'MEDIA', mediaId: poster }),
    aRegion('films', { kind: 'PLAYLIST', playlistId: decodeIdOf('Playlist', playlistId) }),
  ];
  const screen = await aScreen(floor);
  await aPush(
    runWork,
    { venueId, deviceIds: [screen.deviceId] },
    await aLayout(runWork, { venueId, regions }),
  );
  const played = await screen.follow();
  await played.until(isLayout);
  for (const id of [other, film, poster])
    await floor.ask(UPDATE_MEDIA, {
      variables: { input: { mediaId: global(id), name: `Renamed ${id}`, expectedVersion: 1 } },
    });
  await played.until(({ contentId }) => contentId === global(poster));
  const changes = played.updates().filter(({ __typename }) => __typename === 'ContentChanged');
  expect(changes).toEqual(
    [film, poster].map((id) => ({
      __typename: 'ContentChanged',
      cursor: expect.any(String),
      skipped: 0,
      contentType: 'MEDIA',
      contentId: global(id),
      action: 'UPDATE',
    })),
  );
  await floor.ask(SAVE_PLAYLIST, {
    variables: {
      input: {
        playlistId,
        expectedVersion: 1,
        name: 'Films',
        items: [{ mediaId: global(film), duration: 'PT9S' }],
      },
    },
  });
  await played.until(({ contentId }) => contentId === playlistId);
  played.off();
});
