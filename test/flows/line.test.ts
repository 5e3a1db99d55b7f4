import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp();
await floor.online();

const STATUS = `subscription { systemStatus {
  health { status checks { name status } } lines { name state cause } machinesOnline machinesOffline version } }`;

const shown = async () =>
  (await floor.ask('{ machines { nodes { connection } } meters { values { code value } } }')).data;

/** Has both machines say what they have counted: from then on what is shown changes by nothing but a game or a bill. */
async function readMeters(): Promise<void> {
  const query =
    'mutation ($input: PollMetersInput!) { pollMeters(input: $input) { __typename ... on Error { code } } }';
  for (const machineId of floor.machineIds) {
    const { data } = await floor.ask(query, { variables: { input: { machineId } } });
    expect(data.pollMeters).toEqual({ __typename: 'PollMetersSuccess' });
  }
}

test('a pulled plug is seen by subscribers, a plug put in again too, and no meter changes', async () => {
  const [egm] = floor.egms;
  egm?.insertBill(10n);
  await readMeters();
  const { meters: before } = await shown();
  const after = await floor.cursor();
  const events = floor.follow(
    'subscription ($after: Cursor) { machineEvents(types: [ONLINE, OFFLINE], after: $after) { type machine { address } } }',
    { variables: { after } },
  );
  const status = floor.follow(STATUS);
  expect((await status.next()).systemStatus).toMatchObject({
    health: { status: 'HEALTHY' },
    machinesOnline: 2,
  });

  await floor.line.unplug();
  const down = await status.until(
    ({ systemStatus }) => systemStatus.machinesOffline === 2 && systemStatus.lines[0].state === 'DOWN',
  );
  expect(down.systemStatus.health.status).toBe('DEGRADED');
  const { name } = down.systemStatus.lines[0];
  expect(down.systemStatus.health.checks).toContainEqual({ name: `sas-line:${name}`, status: 'DEGRADED' });
  const gone = [await events.next(), await events.next()].map(({ machineEvents }) => machineEvents);
  expect(gone.map(({ type }) => type)).toEqual(['OFFLINE', 'OFFLINE']);

  await floor.line.plug();
  const up = await status.until(({ systemStatus }) => systemStatus.machinesOnline === 2);
  expect(up.systemStatus.lines).toMatchObject([{ state: 'UP', cause: null }]);
  expect(up.systemStatus.health.checks).toContainEqual({ name: `sas-line:${name}`, status: 'HEALTHY' });
  expect(BigInt(up.systemStatus.version)).toBeGreaterThan(BigInt(down.systemStatus.version));
  const back = [await events.next(), await events.next()].map(({ machineEvents }) => machineEvents);
  expect(back.map(({ type }) => type)).toEqual(['ONLINE', 'ONLINE']);
  expect((await shown()).meters).toEqual(before);
  await Promise.all([events.end(), status.end()]);
});

test('machines that all fall silent on an open port degrade the health until one answers, also of another process', async () => {
  const fields =
    '{ sasLines { name state silentSince driver { since } } health { status checks { name status message } } }';
  const now = async () => (await floor.ask(fields)).data;
  await eventually(async () => (await now()).sasLines[0].silentSince === null);
  const { name, driver } = (await now()).sasLines[0];
  const status = floor.follow(
    'subscription { systemStatus { health { status checks { name status message } } lines { state silentSince } } }',
  );
  expect((await status.next()).systemStatus.health.status).toBe('HEALTHY');

  floor.disturb(() => []);
  const silent = await status.until(({ systemStatus }) => systemStatus.health.status === 'DEGRADED');
  expect(silent.systemStatus.lines).toEqual([{ state: 'UP', silentSince: expect.any(String) }]);
  const message = 'The port of the line is open, but none of its machines answers.';
  const check = { name: `sas-line:${name}`, status: 'DEGRADED', message };
  expect(silent.systemStatus.health.checks).toContainEqual(check);
  const ofServer = { name: 'sas', status: 'DEGRADED', message: 'On 1 of 1 serial lines no machine answers.' };
  expect((await now()).health).toMatchObject({ status: 'DEGRADED' });
  expect((await now()).health.checks).toContainEqual(ofServer);
  await status.end();

  await floor.restart();
  await eventually(async () => {
    const [line] = (await now()).sasLines;
    return line.driver.since !== driver.since && line.state === 'UP' && line.silentSince !== null;
  });
  const again = floor.follow(STATUS);
  expect((await again.next()).systemStatus.health.status).toBe('DEGRADED');
  floor.disturb(null);
  await again.until(({ systemStatus }) => systemStatus.health.status === 'HEALTHY');
  expect((await now()).health.checks).toContainEqual(
    expect.objectContaining({ name: 'sas', status: 'HEALTHY' }),
  );
  await again.end();
});

test('what happened while the line was away is told once it is back, once', async () => {
  const [egm] = floor.egms;
  const after = await floor.cursor();
  await floor.line.unplug();
  egm?.insertBill(5n);
  egm?.openDoor();
  egm?.closeDoor();
  await floor.line.plug();
  const events = floor.follow(
    'subscription ($after: Cursor) { machineEvents(after: $after, types: [BILL_ACCEPTED_5, SLOT_DOOR_OPENED, SLOT_DOOR_CLOSED]) { type } }',
    { variables: { after } },
  );
  const seen = [await events.next(), await events.next(), await events.next()];
  expect(seen.map(({ machineEvents }) => machineEvents.type)).toEqual([
    'BILL_ACCEPTED_5',
    'SLOT_DOOR_OPENED',
    'SLOT_DOOR_CLOSED',
  ]);
  await floor.online();
  egm?.openDoor();
  expect((await events.next()).machineEvents.type).toBe('SLOT_DOOR_OPENED');
  egm?.closeDoor();
  await events.end();
});

test('noise on the line shows in its statistics, and neither a machine nor a meter is lost', async () => {
  const statistics = async (): Promise<Record<string, number>> => {
    const { data } = await floor.ask(
      '{ sasLines { statistics { polls crcErrors damaged discardedBytes silences } } }',
    );
    const counts: Record<string, string> = data.sasLines[0].statistics;
    return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]));
  };
  const before = await eventually(statistics);
  const [egm] = floor.egms;
  let answers = 0;
  floor.disturb((answer) => {
    answers += 1;
    if (answers % 7 === 0) return answer.slice(0, 1 + (answers % 3));
    if (answers % 5 === 0) return [...answer.slice(0, -1), 0x5a];
    return answers % 3 === 0 ? [...answer, 0xff, 0x17, 0x00] : answer;
  });
  for (let bill = 0; bill < 4; bill += 1) egm?.insertBill(1n);
  const noisy = await eventually(async () => {
    const now = await statistics();
    const grew = (name: string) => (now[name] ?? 0) > (before[name] ?? 0);
    return grew('crcErrors') && grew('discardedBytes') && now;
  });
  expect(noisy.polls).toBeGreaterThan(before.polls ?? 0);
  floor.disturb(null);
  await floor.online();
  await eventually(async () => {
    const { data } = await floor.ask('{ meters(codes: [CURRENT_CREDITS]) { values { value } } }');
    return data.meters[0].values[0].value === '1900';
  });
  // A meter is read before the exceptions that wait in front of its machine's queue are.
  const told = async () => {
    const { data } = await floor.ask(
      '{ machineEvents(types: [BILL_ACCEPTED_1, METER_RESET]) { nodes { type } } }',
    );
    return data.machineEvents.nodes.map(({ type }: { type: string }) => type);
  };
  await eventually(async () => (await told()).length >= 4);
  expect(await told()).toEqual(Array(4).fill('BILL_ACCEPTED_1'));
});
