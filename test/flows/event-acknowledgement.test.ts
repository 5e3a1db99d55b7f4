import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { transports } = transportsTo(floor);

const ACKNOWLEDGE = `mutation ($input: AcknowledgeMachineEventInput!) {
  acknowledgeMachineEvent(input: $input) {
    __typename
    ... on AcknowledgeMachineEventSuccess { success event { id acknowledgement { by { kind id } at note } } }
    ... on Error { code } } }`;
const DOORS = `query ($acknowledged: Boolean) {
  machineEvents(types: [SLOT_DOOR_OPENED], acknowledged: $acknowledged) { totalCount nodes { id } }
  machines { nodes { events(types: [SLOT_DOOR_OPENED], acknowledged: $acknowledged) { totalCount } } } }`;

const [egm] = floor.egms;
/** A door opened, as an event nobody has taken note of. */
async function anEvent(): Promise<string> {
  const newest = async () => (await floor.ask(DOORS)).data.machineEvents.nodes[0]?.id;
  const before = await newest();
  egm?.openDoor();
  egm?.closeDoor();
  return await eventually(
    async () => {
      const now = await newest();
      return now !== before && now;
    },
    { deadlineMs: 60_000 },
  );
}

const idOf = async (as: 'OPERATOR' | 'ADMIN') =>
  (await floor.ask('{ viewer { user { id } } }', { as })).data.viewer.user.id;
const acknowledge = async (input: object, as: 'OPERATOR' | 'ADMIN' = 'OPERATOR') =>
  (await floor.ask(ACKNOWLEDGE, { as, variables: { input } })).data.acknowledgeMachineEvent;

test.each(transports)('over %s, who takes note of an event, when and why is on record', async (_, ask) => {
  const eventId = await anEvent();
  const { data } = await ask(ACKNOWLEDGE, {
    token: await floor.token('OPERATOR'),
    input: { eventId, note: ' cleaned ' },
  });
  const { acknowledgement } = data.acknowledgeMachineEvent.event;
  expect(acknowledgement).toMatchObject({
    by: { kind: 'USER', id: await idOf('OPERATOR') },
    note: 'cleaned',
  });
  expect(Math.abs(Date.now() - Date.parse(acknowledgement.at))).toBeLessThan(60_000);
});

test('who took note of an event is shown as a person, live too, and to nobody who may not see people', async () => {
  const eventId = await anEvent();
  const acknowledgements = floor.follow(
    `subscription ($after: Cursor) {
      events(after: $after, types: ["machine.event-acknowledged"]) { actor { kind user { id } } } }`,
    { variables: { after: await floor.cursor() } },
  );
  await acknowledge({ eventId }, 'ADMIN');
  const user = { id: await idOf('ADMIN') };
  expect((await acknowledgements.next()).events.actor).toEqual({ kind: 'USER', user });
  await acknowledgements.end();

  const listedTo = async (as: 'OPERATOR' | 'PARTNER') => {
    const { data } = await floor.ask(
      '{ machineEvents(acknowledged: true, first: 1) { nodes { acknowledgement { by { kind user { id } } } } } }',
      { as },
    );
    return data.machineEvents.nodes[0].acknowledgement.by;
  };
  expect(await listedTo('OPERATOR')).toEqual({ kind: 'USER', user });
  expect(await listedTo('PARTNER')).toEqual({ kind: 'USER', user: null });
});

test('an event is acknowledged once, however many do so at once, and by the log once', async () => {
  const eventId = await anEvent();
  const after = (await floor.ask('{ cursor }')).data.cursor;
  const answers = await Promise.all([
    acknowledge({ eventId, note: 'mine' }, 'OPERATOR'),
    acknowledge({ eventId, note: 'ours' }, 'ADMIN'),
    acknowledge({ eventId }, 'ADMIN'),
  ]);
  const notes = new Set(answers.map(({ event }) => JSON.stringify(event.acknowledgement)));
  expect(notes.size).toBe(1);
  const later = await acknowledge({ eventId, note: 'too late' });
  expect(notes).toContain(JSON.stringify(later.event.acknowledgement));

  const next = await anEvent();
  await acknowledge({ eventId: next });
  const events = floor.follow(
    'subscription ($after: Cursor) { events(after: $after, types: ["machine.event-acknowledged"]) { payload } }',
    { variables: { after } },
  );
  const seen = [await events.next(), await events.next()].map(({ events: { payload } }) => payload.eventId);
  expect(seen).toEqual([eventId, next]);
  await events.end();
});

test('events are listed by whether somebody has taken note of them', async () => {
  const open = await anEvent();
  const noted = await anEvent();
  await acknowledge({ eventId: noted });
  const listed = async (acknowledged: boolean | null) => {
    const { data } = await floor.ask(DOORS, { variables: { acknowledged } });
    const { nodes, totalCount } = data.machineEvents;
    expect(data.machines.nodes[0].events.totalCount).toBe(totalCount);
    return nodes.map(({ id }: { id: string }) => id);
  };
  expect(await listed(true)).toContain(noted);
  expect(await listed(true)).not.toContain(open);
  expect(await listed(false)).toContain(open);
  expect(await listed(false)).not.toContain(noted);
  expect(await listed(null)).toEqual(expect.arrayContaining([open, noted]));
});

test('who may not control machines acknowledges nothing, and another venue’s event is not found', async () => {
  const eventId = await anEvent();
  for (const as of ['AUDITOR', 'PLAYER', 'PARTNER'] as const)
    expect(refusalOf(await floor.ask(ACKNOWLEDGE, { as, variables: { input: { eventId } } }))).toBe(
      'AUTH_004',
    );
  const foreign = await floor.ask(ACKNOWLEDGE, { as: 'FOREIGN_ADMIN', variables: { input: { eventId } } });
  expect(foreign.data.acknowledgeMachineEvent.code).toBe('API_002');
  const missing = encodeGlobalId('MachineEvent', newId());
  expect((await acknowledge({ eventId: missing })).code).toBe('API_002');
  expect((await acknowledge({ eventId, note: ' ' })).code).toBe('API_001');
});
