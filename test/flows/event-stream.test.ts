import { expect, test } from 'vitest';
import { type Asker, aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { openEventStream } from '../support/event-stream.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const [machineId = ''] = floor.machineIds;

const FOLLOW = `subscription ($types: [String!], $after: Cursor) {
  events(types: $types, after: $after) { cursor type at venue { slug } actor { kind id } payload }
}`;
const READ = `query ($types: [String!], $after: Cursor) {
  events(first: 100, types: $types, after: $after) {
    cursor nodes { cursor type at venue { slug } actor { kind id } payload }
  }
}`;

const switchAcceptor = (enabled: boolean) =>
  floor.ask('mutation ($input: SetBillAcceptorInput!) { setBillAcceptor(input: $input) { __typename } }', {
    variables: { input: { machineId, enabled } },
  });

/** Waits until so many follow: who names no place begins at that moment. */
async function followers(count: number): Promise<void> {
  await eventually(async () => {
    const { data } = await floor.ask('{ stats { realtime { fanOut { subscriptions } } } }');
    return data.stats.realtime.fanOut.subscriptions === count;
  });
}

async function cursor(): Promise<string> {
  for (const role of ['ADMIN', 'AUDITOR', 'OPERATOR', 'FOREIGN_ADMIN'] as const) await floor.token(role);
  return (await floor.ask('{ cursor }')).data.cursor;
}

test.each(['ADMIN', 'AUDITOR', 'OPERATOR', 'PARTNER'] as const)(
  '%s follows exactly what the query reads, over a socket and as server-sent events',
  async (as: Asker) => {
    const after = await cursor();
    const live = floor.follow(FOLLOW, { as });
    const resumed = floor.follow(FOLLOW, { as, variables: { after } });
    const sent = await openEventStream(floor.app().url, {
      query: FOLLOW,
      token: await floor.token(as),
      variables: { after },
    });
    const first = live.next();
    await followers(3);
    await switchAcceptor(false);
    await switchAcceptor(true);
    const count = as === 'PARTNER' ? 4 : 6;
    const frames = [await first];
    while (frames.length < count) frames.push(await live.next());
    const { data } = await floor.ask(READ, { as, variables: { after } });
    expect(frames.map(({ events }) => events)).toEqual(data.events.nodes);
    expect(data.events.nodes).toHaveLength(count);
    // Who resumed where work was in flight is given cursors that remember it, so that they may differ in text.
    for (const { cursor: _, ...node } of data.events.nodes) {
      expect((await resumed.next()).events).toEqual({ ...node, cursor: expect.any(String) });
      const { id, data } = (await sent.next()) ?? {};
      expect(data.data.events).toEqual({ ...node, cursor: id });
    }
    await Promise.all([live.end(), resumed.end(), sent.close()]);
  },
);

test('types narrow it, and another venue hears nothing of it', async () => {
  const after = await cursor();
  const narrowed = floor.follow(FOLLOW, { variables: { after, types: ['machine.command-finished'] } });
  await switchAcceptor(false);
  expect((await narrowed.next()).events.type).toBe('machine.command-finished');
  await narrowed.end();
  const { data } = await floor.ask(READ, { as: 'FOREIGN_ADMIN', variables: { after } });
  expect(data.events.nodes).toEqual([]);
});

test.each([
  ['PLAYER', ['machine.event-raised'], 'AUTH_004'],
  ['DEVICE', null, 'AUTH_004'],
  ['OPERATOR', ['auth.session-opened'], 'AUTH_004'],
  ['PARTNER', ['machine.command-finished'], 'AUTH_004'],
  ['ADMIN', ['machine.exploded'], 'API_001'],
] as const)('%s following %s is refused: %s', async (as, types, code) => {
  const frames = floor.follow(FOLLOW, { as, variables: { types } });
  const refusal = await frames.next().catch((errors: unknown) => errors);
  await frames.end();
  expect(refusal).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code }) })]);
});

test('who lost the right to a type he asked for by name is told, and who follows all of his goes on with the rest', async () => {
  const SET_ROLES = 'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }';
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'AUDITOR' });
  const setRoles = (roles: readonly string[]) =>
    floor.ask(SET_ROLES, { as: 'ADMIN', variables: { input: { userId: data.viewer.user.id, roles } } });
  const after = await cursor();
  const named = floor.follow(FOLLOW, { as: 'AUDITOR', variables: { after, types: ['auth.roles-changed'] } });
  const all = floor.follow(FOLLOW, { as: 'AUDITOR', variables: { after } });
  await setRoles(['AUDITOR', 'PLAYER']);
  expect((await named.next()).events.type).toBe('auth.roles-changed');
  expect((await all.next()).events.type).toBe('auth.roles-changed');

  await setRoles(['OPERATOR']);
  expect(await named.next().catch((errors: unknown) => errors)).toEqual([
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'AUTH_004' }) }),
  ]);
  await switchAcceptor(true);
  let type: string;
  // He is told of his roles as well, which is an event of his own.
  do type = (await all.next()).events.type;
  while (type === 'notification.created');
  expect(type).toBe('machine.command-queued');
  await all.end();
});
