import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { updateVenue } from '../../src/auth/venue-service.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, anApiKey, aVenue } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice } from '../support/device.ts';
import { aPublishedLayout } from '../support/layout.ts';
import { aParkingLot } from '../support/parking.ts';
import { aSchedule } from '../support/schedule.ts';
import { transportsTo } from '../support/transports.ts';

const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({ machines: 0 });
const { db, runWork } = floor.app().services;
const { venueId } = floor;

const SCHEDULE = `id name layout { id } version priority enabled summary zone conditionHolds targets { everywhere deviceIds }
  days { from until weekdays everyWeeks monthDays dates exceptDates } dayparts { from to }
  condition { __typename ... on JackpotCondition { jackpot { id } atLeast { amount } below { amount } }
    ... on OccupancyCondition { lot { id } freeAtMost fullAtLeastPercent } }`;
const SAVE = `mutation ($input: SaveScheduleInput!) { saveSchedule(input: $input) { __typename
  ... on Error { code message } ... on VersionConflictError { currentVersion }
  ... on SaveScheduleSuccess { message removed schedule { ${SCHEDULE} } } } }`;
const EFFECTIVE = `query ($deviceId: ID!, $at: DateTime) { effectiveLayout(deviceId: $deviceId, at: $at) {
  device { id } at layout { layoutId revision } cause reason until schedule { id name } takeover { id reason }
  weighed { cause verdict why schedule { name } } } }`;
const START = `mutation ($input: StartTakeoverInput!) { startTakeover(input: $input) { __typename ... on Error { code }
  ... on StartTakeoverSuccess { takeover { id running reason everywhere counts { devices shown failed } } } } }`;
const END = `mutation ($input: EndTakeoverInput!) { endTakeover(input: $input) { __typename ... on Error { code }
  ... on EndTakeoverSuccess { takeover { id running endedAt endedBy { kind id } } } } }`;
/** The same for who sees no layouts. */
const WRITE = `mutation ($input: SaveScheduleInput!) { saveSchedule(input: $input) { __typename
  ... on SaveScheduleSuccess { schedule { id } } } }`;
const PUSHED =
  'subscription ($after: Cursor) { events(after: $after, types: ["signage.layout-pushed"]) { at payload } }';

const idOf = (type: string, id: string) => encodeGlobalId(type, id);
const save = async (input: object, as: Asker = 'OPERATOR') =>
  (await floor.ask(SAVE, { as, variables: { input } })).data.saveSchedule;
const aLayout = async (name?: string) =>
  idOf('Layout', (await aPublishedLayout(runWork, { venueId, ...(name !== undefined && { name }) })).id);
const aScreen = async () => idOf('Device', (await aDevice(runWork, { venueId })).id);
const effective = async (deviceId: string, at?: Date) =>
  (await floor.ask(EFFECTIVE, { variables: { deviceId, at } })).data?.effectiveLayout;
const only = (deviceId: string) => ({ targets: { deviceIds: [deviceId] } });
const aJackpot = async (group: number, amount: string) => {
  const { data } = await floor.ask(
    `mutation ($input: ConfigureJackpotInput!) { configureJackpot(input: $input) { ... on ConfigureJackpotSuccess { jackpot { id version } } } }`,
    { variables: { input: { name: `Jackpot ${group}`, group, level: 1, amount, resetTo: '100' } } },
  );
  return data.configureJackpot.jackpot.id as string;
};
const grow = async (jackpotId: string, expectedVersion: number, amount: string) => {
  const { data } = await floor.ask(
    `mutation ($input: ConfigureJackpotInput!) { configureJackpot(input: $input) { __typename } }`,
    { variables: { input: { jackpotId, expectedVersion, amount } } },
  );
  expect(data.configureJackpot.__typename).toBe('ConfigureJackpotSuccess');
};

test('a schedule is made, changed by who read it last, shown, and removed', async () => {
  const [layoutId, deviceId] = [await aLayout(), await aScreen()];
  const made = await save({
    name: ' Lunch ',
    layoutId,
    ...only(deviceId),
    days: {
      from: '2027-01-01',
      weekdays: ['FRIDAY', 'MONDAY', 'TUESDAY'],
      everyWeeks: 2,
      monthDays: [-1, 15],
    },
    dayparts: [
      { from: '22:00', to: '00:00' },
      { from: '11:30', to: '14:00' },
    ],
    zone: 'DEVICE',
  });
  expect(made).toMatchObject({
    message: 'The schedule was saved.',
    removed: false,
    schedule: {
      layout: { id: layoutId },
      name: 'Lunch',
      version: 1,
      priority: 100,
      enabled: true,
      zone: 'DEVICE',
      condition: null,
      conditionHolds: null,
      targets: { everywhere: false, deviceIds: [deviceId] },
      days: {
        from: '2027-01-01',
        until: null,
        weekdays: ['MONDAY', 'TUESDAY', 'FRIDAY'],
        everyWeeks: 2,
        monthDays: [-1, 15],
        dates: [],
        exceptDates: [],
      },
      dayparts: [
        { from: '11:30', to: '14:00' },
        { from: '22:00', to: '24:00' },
      ],
      summary:
        'from 2027-01-01, Mon to Tue, Fri, every 2 weeks, on the last, 15 of the month, 11:30 to 14:00 and 22:00 to 24:00',
    },
  });
  const { id } = made.schedule;
  const change = (input: object) => save({ scheduleId: id, ...input });
  expect(await change({ name: 'Dinner' })).toMatchObject({ code: 'API_001' });
  expect(await change({ expectedVersion: 1, name: 'Dinner', priority: 0 })).toMatchObject({
    schedule: { name: 'Dinner', priority: 0, version: 2, zone: 'DEVICE', days: { everyWeeks: 2 } },
  });
  expect(await change({ expectedVersion: 1, name: 'Late' })).toMatchObject({
    __typename: 'VersionConflictError',
    code: 'API_003',
    currentVersion: 2,
  });
  const list = async (filter: string) =>
    (await floor.ask(`{ schedules(first: 50, ${filter}) { totalCount nodes { id } } }`)).data.schedules;
  for (const filter of [`layoutId: "${layoutId}"`, `deviceId: "${deviceId}", enabled: true`])
    expect(await list(filter)).toEqual({ totalCount: 1, nodes: [{ id }] });
  expect((await list(`deviceId: "${await aScreen()}"`)).nodes).not.toContainEqual({ id });
  expect(await change({ expectedVersion: 2, remove: true })).toMatchObject({
    removed: true,
    schedule: { id },
  });
  expect(await list(`layoutId: "${layoutId}"`)).toEqual({ totalCount: 0, nodes: [] });
  expect(await change({ expectedVersion: 2, remove: true })).toMatchObject({ code: 'API_002' });
  expect(await save({ remove: true })).toMatchObject({ code: 'API_001' });
  const { errors } = await floor.ask(SAVE, { as: 'AUDITOR', variables: { input: { name: 'Mine' } } });
  expect(errors?.[0]?.extensions.code).toBe('AUTH_004');
});

test('a jackpot that crosses its threshold switches the screen, and effectiveLayout says why', async () => {
  const [usual, winning, deviceId] = [await aLayout(), await aLayout('Winning'), await aScreen()];
  const pushed = { layoutId: decodeIdOf('Layout', usual), revision: 1 };
  await runWork(DESK, (work) =>
    pushToDevices(work, { venueId, deviceIds: [decodeIdOf('Device', deviceId)] }, pushed),
  );
  const jackpotId = await aJackpot(201, '900');
  const condition = { jackpot: { jackpotId, atLeast: '1000' } };
  const { schedule } = await save({ name: 'Big', layoutId: winning, ...only(deviceId), condition });
  expect(schedule).toMatchObject({
    conditionHolds: false,
    condition: {
      __typename: 'JackpotCondition',
      jackpot: { id: jackpotId },
      atLeast: { amount: '1000.00' },
      below: null,
    },
  });
  expect(await effective(deviceId)).toMatchObject({
    cause: 'PUSH',
    reason: 'What it was pushed.',
    until: null,
    weighed: [
      { cause: 'SCHEDULE', verdict: 'CONDITION_NOT_MET', schedule: { name: 'Big' } },
      { cause: 'PUSH', verdict: 'SHOWN', schedule: null },
    ],
  });

  const frames = floor.follow(PUSHED, { variables: { after: await floor.cursor() } });
  const switched = (layoutId: string) =>
    frames.until(
      ({ events }) => events.payload.deviceId === deviceId && events.payload.layoutId === layoutId,
    );
  await grow(jackpotId, 1, '1000');
  const { events } = await switched(winning);
  expect(events.payload).toMatchObject({ cause: 'SCHEDULE', scheduleId: schedule.id, takeoverId: null });
  const now = await effective(deviceId);
  expect(now).toMatchObject({
    cause: 'SCHEDULE',
    schedule: { id: schedule.id },
    layout: { layoutId: winning, revision: 1 },
  });
  expect(now.reason).toBe(
    'Schedule “Big” of priority 100 (always; Europe/Vienna; jackpot “Jackpot 201” at least $1,000.00, and it stands at $1,000.00). It goes before 1 other: What it was pushed.',
  );
  await grow(jackpotId, 2, '999.99');
  await switched(usual);
  await frames.end();
  expect((await effective(deviceId)).weighed[0].why).toContain(
    'and it stands at $999.99). What it waits for does not hold.',
  );
});

test('what README says of schedules can be sent as it stands there', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, example = ''] = /```graphql\n(mutation HappyHour.*?)```/s.exec(readme) ?? [];
  const variables = { layoutId: await aLayout(), jackpotId: await aJackpot(202, '4999.99') };
  const { data } = await floor.ask(example, { variables });
  expect(data.saveSchedule.schedule).toMatchObject({
    version: 1,
    summary: 'Thu to Fri, not on 2026-12-25, 21:00 to 02:00',
    conditionHolds: false,
  });
});

test('a parking lot that fills switches the screen, and back when a car leaves', async () => {
  const deviceId = await aScreen();
  const lot = await aParkingLot(runWork, { venueId, capacity: 2 });
  const lotId = idOf('ParkingLot', lot.id);
  const full = { occupancy: { lotId, fullAtLeastPercent: 100 } };
  const { schedule } = await save({
    name: 'Full',
    layoutId: await aLayout(),
    ...only(deviceId),
    condition: full,
  });
  expect(schedule).toMatchObject({
    conditionHolds: false,
    condition: {
      __typename: 'OccupancyCondition',
      lot: { id: lotId },
      freeAtMost: null,
      fullAtLeastPercent: 100,
    },
  });
  const start = `mutation ($input: StartParkingSessionInput!) { startParkingSession(input: $input) { ... on StartParkingSessionSuccess { session { id } } } }`;
  const park = async (plate: string) =>
    (await floor.ask(start, { variables: { input: { lotId, plate } } })).data.startParkingSession.session.id;
  await park('W1');
  const sessionId = await park('W2');
  await eventually(async () => (await effective(deviceId)).cause === 'SCHEDULE', WAIT);
  expect((await effective(deviceId)).reason).toContain('at least 100 % full, and 0 of 2 are free');
  await floor.ask(
    'mutation ($input: EndParkingSessionInput!) { endParkingSession(input: $input) { __typename } }',
    {
      variables: { input: { sessionId } },
    },
  );
  await eventually(async () => (await effective(deviceId)).cause === null, WAIT);
  expect((await effective(deviceId)).reason).toBe(
    'No takeover and no schedule is on, and nothing was pushed to it.',
  );
});

test.each([
  ['jackpot', { jackpot: { jackpotId: idOf('Jackpot', newId()), atLeast: '1' } }],
  ['lot', { occupancy: { lotId: idOf('ParkingLot', newId()), freeAtMost: 1 } }],
])('a condition on a %s that is not there is not found', async (_, condition) => {
  expect(
    await save({ name: 'No', layoutId: await aLayout(), targets: { everywhere: true }, condition }),
  ).toMatchObject({
    code: 'API_002',
  });
});

test.each([
  [{}],
  [{ jackpot: { atLeast: '1', below: '1' } }],
  [{ jackpot: {} }],
  [{ jackpot: { atLeast: '1.001' } }],
  [{ jackpot: { atLeast: '100000000' } }],
  [{ occupancy: { freeAtMost: 1, fullAtLeastPercent: 1 } }],
  [{ occupancy: { fullAtLeastPercent: 0 } }],
  [{ jackpot: { atLeast: '1' }, occupancy: { freeAtMost: 1 } }],
])('%j is no condition', async ({ jackpot, occupancy }: { jackpot?: object; occupancy?: object }) => {
  const lot = await aParkingLot(runWork, { venueId });
  const condition = {
    ...(jackpot && { jackpot: { jackpotId: idOf('Jackpot', newId()), ...jackpot } }),
    ...(occupancy && { occupancy: { lotId: idOf('ParkingLot', lot.id), ...occupancy } }),
  };
  expect(
    await save({ name: 'No', layoutId: await aLayout(), targets: { everywhere: true }, condition }),
  ).toMatchObject({
    code: 'API_001',
  });
});

test('what a screen will show at a later time is known beforehand, and by itself too', async () => {
  const screen = await aSignedInDevice(floor, 'SCREEN');
  const deviceId = idOf('Device', screen.id);
  await save({
    name: 'New year',
    layoutId: await aLayout(),
    ...only(deviceId),
    days: { dates: ['2027-01-01'] },
    priority: 9,
  });
  await save({
    name: 'January',
    layoutId: await aLayout(),
    ...only(deviceId),
    days: { from: '2027-01-01', until: '2027-01-31' },
  });
  const at = (text: string) => effective(deviceId, new Date(text));
  expect(await effective(deviceId)).toMatchObject({ cause: null, until: '2026-12-31T23:00:00.000Z' });
  // Of the greater priority, and not of the more special day.
  expect(await at('2027-01-01T12:00:00Z')).toMatchObject({
    schedule: { name: 'January' },
    until: '2027-01-31T23:00:00.000Z',
    weighed: [{ verdict: 'SHOWN' }, { verdict: 'OUTWEIGHED', schedule: { name: 'New year' } }],
  });
  const own = await screen.ask(EFFECTIVE, { deviceId, at: '2027-01-01T12:00:00Z' });
  expect(own.data.effectiveLayout).toMatchObject({
    cause: 'SCHEDULE',
    schedule: null,
    device: { id: deviceId },
  });
  expect(own.data.effectiveLayout.reason).toContain(
    'Schedule “January” of priority 100 (from 2027-01-01 to 2027-01-31;',
  );
  const other = await screen.ask(EFFECTIVE, { deviceId: await aScreen() });
  expect(other.errors?.[0]?.extensions.code).toBe('API_002');
  for (const wrong of ['2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z']) {
    const { errors } = await floor.ask(EFFECTIVE, { variables: { deviceId, at: wrong } });
    expect(errors?.[0]?.extensions.code).toBe('API_001');
  }
});

test('a schedule for everywhere is on screens that come later, and follows the venue’s clock to another zone', async () => {
  const venue = await aVenue(runWork, { slug: 'far-away', timeZone: 'UTC' });
  const { id: layoutId } = await aPublishedLayout(runWork, { venueId: venue.id });
  const minute = Math.floor((Date.now() / 60_000) % 1_440);
  const dayparts = [{ from: (minute + 1_320) % 1_440, to: (minute + 120) % 1_440 }];
  await aSchedule(runWork, { venueId: venue.id, layoutId, dayparts });
  const { id } = await aDevice(runWork, { venueId: venue.id });
  const shown = async () => (await findDisplays(db, venue.id, [id]))[0]?.desired;
  await eventually(async () => (await shown())?.layoutId === layoutId, WAIT);
  await runWork(DESK, (work) =>
    updateVenue(work, { venueId: venue.id, expectedVersion: venue.version, timeZone: 'Asia/Tokyo' }),
  );
  await eventually(async () => (await shown()) === null, WAIT);
});

test('a takeover is shown on every screen, new ones too; the staff is told, and who ended it is kept', async () => {
  const [layoutId, deviceId] = [await aLayout('Leave'), await aScreen()];
  const input = { layoutId, targets: { everywhere: true }, reason: 'Fire in the east wing' };
  const { data } = await floor.ask(START, { variables: { input } });
  const { takeover } = data.startTakeover;
  expect(takeover).toMatchObject({
    running: true,
    reason: input.reason,
    everywhere: true,
    counts: { shown: 0, failed: 0 },
  });
  expect(await effective(deviceId)).toMatchObject({
    cause: 'TAKEOVER',
    takeover: { id: takeover.id },
    until: null,
  });
  const later = await aScreen();
  await eventually(async () => (await effective(later)).cause === 'TAKEOVER', WAIT);
  const read = async () =>
    (
      await floor.ask(
        `query ($id: ID!) { node(id: $id) { ... on Takeover { running endedAt endedBy { kind } counts { devices }
          devices(first: 100, shown: false) { totalCount nodes { device { id } shownAt failure } } } } }`,
        { variables: { id: takeover.id } },
      )
    ).data.node;
  const { devices, counts } = await read();
  expect(devices.totalCount).toBe(counts.devices);
  expect(devices.nodes).toContainEqual({ device: { id: later }, shownAt: null, failure: null });
  const running = await floor.ask('{ takeovers(running: true) { nodes { id } } }', { as: 'AUDITOR' });
  expect(running.data.takeovers.nodes).toEqual([{ id: takeover.id }]);

  await eventually(async () => {
    const { data: told } = await floor.ask('{ notifications(types: [LAYOUT]) { nodes { message } } }', {
      as: 'ADMIN',
    });
    return told.notifications.nodes.some(({ message }: { message: string }) =>
      /screens? (is|are) taken over: Fire in the east wing$/i.test(message),
    );
  }, WAIT);

  const end = () => floor.ask(END, { variables: { input: { takeoverId: takeover.id } } });
  const ended = (await end()).data.endTakeover.takeover;
  const { data: who } = await floor.ask('{ viewer { user { id } } }');
  expect(ended).toMatchObject({
    running: false,
    endedAt: expect.any(String),
    endedBy: { kind: 'USER', id: who.viewer.user.id },
  });
  expect((await end()).data.endTakeover.takeover).toEqual(ended);
  expect(await effective(deviceId)).toMatchObject({ cause: null });
});

test('a screen says that it shows a takeover, or why it cannot, and the takeover tells', async () => {
  const [layoutId, shows, fails] = [
    await aLayout(),
    await aSignedInDevice(floor, 'SCREEN'),
    await aSignedInDevice(floor, 'SCREEN'),
  ];
  const [shownBy, failedBy] = [idOf('Device', shows.id), idOf('Device', fails.id)];
  const input = { layoutId, targets: { deviceIds: [shownBy, failedBy, await aScreen()] }, reason: 'A drill' };
  const { id } = (await floor.ask(START, { variables: { input } })).data.startTakeover.takeover;
  for (const [device, deviceId, failure] of [
    [shows, shownBy, null],
    [fails, failedBy, 'no such codec'],
  ] as const) {
    const { data } = await device.ask('query ($id: ID!) { device(id: $id) { display { displayVersion } } }', {
      id: deviceId,
    });
    const { displayVersion } = data.device.display;
    const said = await device.ask(
      'mutation ($input: ReportLayoutAppliedInput!) { reportLayoutApplied(input: $input) { __typename } }',
      { input: { displayVersion, failure } },
    );
    expect(said.data.reportLayoutApplied.__typename).toBe('ReportLayoutAppliedSuccess');
  }
  const { data } = await floor.ask(
    `query ($id: ID!) { node(id: $id) { ... on Takeover { counts { devices shown failed }
      devices(first: 10) { nodes { device { id } shownAt failure failedAt } } } } }`,
    { variables: { id } },
  );
  expect(data.node.counts).toEqual({ devices: 3, shown: 1, failed: 1 });
  expect(data.node.devices.nodes).toEqual(
    expect.arrayContaining([
      { device: { id: shownBy }, shownAt: expect.any(String), failure: null, failedAt: null },
      { device: { id: failedBy }, shownAt: null, failure: 'no such codec', failedAt: expect.any(String) },
    ]),
  );
  await floor.ask(END, { variables: { input: { takeoverId: id } } });
});

test('a key that may only change signage changes and ends what it has made, and sees nothing', async () => {
  const { secret: token } = await anApiKey(runWork, { venueId, scopes: ['SIGNAGE_WRITE'] });
  const ask = async (query: string, input: object) =>
    (await transportsTo(floor).http(query, { token, input })).data;
  const [layoutId, deviceId] = [await aLayout(), await aScreen()];
  const start = { layoutId, ...only(deviceId), reason: 'Fire' };
  const { takeover } = (await ask(START, start)).startTakeover;
  const made = await ask(WRITE, { name: 'Alarm', layoutId, ...only(deviceId) });
  const { id: scheduleId } = made.saveSchedule.schedule;
  const removal = { scheduleId, expectedVersion: 1, remove: true };
  const kind = (answer: { __typename: string }) => answer.__typename;
  expect(kind((await ask(WRITE, removal)).saveSchedule)).toBe('SaveScheduleSuccess');
  const end = { takeoverId: takeover.id };
  expect(kind((await ask(END, end)).endTakeover)).toBe('EndTakeoverSuccess');
  expect(await effective(deviceId)).toMatchObject({ cause: null });
  const { node } = await ask(`{ node(id: "${takeover.id}") { id } }`, {});
  expect(node).toBeNull();
});

test('a takeover of nothing, of a time that is over, or without a reason is refused', async () => {
  const input = { layoutId: await aLayout(), targets: { everywhere: true }, reason: 'A drill' };
  const start = async (other: object) =>
    (await floor.ask(START, { variables: { input: { ...input, ...other } } })).data.startTakeover.code;
  expect(await start({ layoutId: idOf('Layout', newId()) })).toBe('API_002');
  expect(await start({ targets: {} })).toBe('API_001');
  expect(await start({ reason: ' ' })).toBe('API_001');
  expect(await start({ endsAt: '2020-01-01T00:00:00Z' })).toBe('API_001');
});
