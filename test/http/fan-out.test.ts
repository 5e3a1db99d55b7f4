import { type ExecutionResult, parse } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { SessionRevokedError } from '../../src/auth/errors.ts';
import { decodeCursor } from '../../src/events/cursor.ts';
import {
  NOT_ITERABLE,
  type StateItem,
  type StateSource,
  type StreamedEvent,
} from '../../src/events/source.ts';
import type { StreamArguments, Subscription } from '../../src/graphql/stream.ts';
import { createFanOut } from '../../src/http/fan-out.ts';
import type { Frame } from '../../src/http/frame.ts';
import { createFrameCache, type FrameCache } from '../../src/http/frame-cache.ts';
import { type Rights, ROLES, type Role, rightsOf, type Scope, type UserActor } from '../../src/lib/actor.ts';
import { PermissionDeniedError } from '../../src/lib/errors.ts';
import { totalCount } from '../../src/lib/histogram.ts';
import { newId } from '../../src/lib/ids.ts';
import { createChannel } from '../support/channel.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';

type Tick = StreamedEvent<'test.ticked'>;

interface TestContext {
  readonly rights: Rights;
  readonly actor: UserActor;
  readonly seen: number[];
  fresh(): Promise<TestContext>;
}

const VENUE = newId();
const aUser = (roles: readonly Role[] = ['OPERATOR'], grants: readonly Scope[] = []): UserActor => ({
  kind: 'user',
  userId: newId(),
  venueId: VENUE,
  sessionId: newId(),
  roles,
  grants,
  mustChangePassword: false,
});

const ticks = createChannel();
const replayed = createChannel();
const asked = createChannel();
/** Behind it are the frames of odd values of `held`. */
let gate = aGate();

/** A state whose changes the test says, one reading of it held back until the test lets it go. */
function aState(minIntervalMs = 0) {
  const listeners = new Set<(item: StateItem) => void>();
  const state = { present: [] as StateItem[], reads: 0, hold: Promise.resolve() };
  const source: StateSource = {
    ...NOT_ITERABLE,
    kind: 'state',
    key: 'state',
    minIntervalMs,
    sightOf: () => 'SHARED',
    async read() {
      state.reads += 1;
      const { present } = state;
      await state.hold;
      return present;
    },
    listen(hear) {
      listeners.add(hear);
      return { [Symbol.dispose]: () => void listeners.delete(hear) };
    },
  };
  const say = (item: StateItem) => {
    for (const hear of listeners) hear(item);
  };
  return { state, source, say, listeners };
}
const change = (subject: string, version: number): StateItem => ({
  subject,
  version: BigInt(version),
  value: `${subject}${version}`,
});

let state = aState();
/** When `ending` is over. */
let endsAt: Date | undefined;

const schema = createSchema<TestContext>({
  typeDefs: `
    type Query { x: Int }
    type Subscription { seen(after: String, of: Int): [Int!] replay(of: Int): Int behind(after: Int): Int held: Int roles: [String!] grants: [String!] mine: String viewer: String state: State ending: Int refused: Int }
    type State { value: String skipped: Int }
  `,
  resolvers: {
    Subscription: {
      seen: {
        subscribe: () => ticks.plan() as never,
        resolve: ({ payload: { value } }: Tick, _args, context) => {
          if (value < 0) throw new Error('spoiled');
          context.seen.push(value);
          return context.seen;
        },
      },
      replay: {
        subscribe: () => replayed.planFromStart() as never,
        resolve: ({ payload: { value } }: Tick) => value,
      },
      behind: {
        subscribe: (_root, { after }: { after: number }) => asked.planFromStart(after) as never,
        resolve: ({ payload: { value } }: Tick) => value,
      },
      held: {
        subscribe: () => ticks.plan() as never,
        resolve: ({ payload: { value } }: Tick) => (value % 2 === 0 ? value : gate.opened.then(() => value)),
      },
      roles: {
        subscribe: () => ticks.plan() as never,
        resolve: (_tick: Tick, _args, { rights }) => (rights.kind === 'user' ? rights.roles : []),
      },
      grants: {
        subscribe: () => ticks.plan() as never,
        resolve: (_tick: Tick, _args, { rights }) => (rights.kind === 'user' ? rights.grants : []),
      },
      mine: {
        subscribe: () => ticks.plan('OWN') as never,
        resolve: (_tick: Tick, _args, { actor }) => actor.userId,
      },
      viewer: {
        subscribe: () => ticks.plan() as never,
        resolve: (_tick: Tick, _args, { actor }) => actor.userId,
      },
      state: { subscribe: () => state.source as never, resolve: (frame) => frame },
      ending: {
        subscribe: () => Object.assign(ticks.plan(), { endsAt }) as never,
        resolve: () => 1,
      },
      refused: {
        subscribe: (_root, _args, { rights }) => {
          if (rights.kind === 'user' && rights.roles.includes('PLAYER'))
            throw new PermissionDeniedError('follow this');
          return ticks.plan() as never;
        },
        resolve: () => 1,
      },
    },
  },
});

function aFanOut({
  frames = createFrameCache(),
  isBroken = () => false,
}: {
  frames?: FrameCache;
  isBroken?: () => boolean;
} = {}) {
  return createFanOut({
    frames,
    createViewContext: ({ rights, actor }) => {
      if (isBroken()) throw new Error('no context');
      return {
        rights,
        requestId: newId(),
        seen: [],
        get actor() {
          if (!actor) throw new Error('a shared execution has no actor');
          return actor;
        },
      } as never;
    },
    queueLimit: 1_024,
    logger: pino({ level: 'silent' }),
    translate: () => null,
  });
}

type FanOut = ReturnType<typeof aFanOut>;

/** A subscriber whose network the test holds in its hand. */
async function follow(
  fanOut: FanOut,
  query: string,
  {
    actor = aUser(),
    current = async () => actor,
    variables = {},
  }: {
    actor?: UserActor;
    current?: () => Promise<UserActor>;
    variables?: Record<string, unknown>;
  } = {},
) {
  const frames: Frame[] = [];
  const network = { isSlow: false, isFull: false, drain: () => {} };
  const contextOf = (who: UserActor): TestContext => ({
    actor: who,
    rights: rightsOf(who),
    seen: [],
    fresh: async () => contextOf(await current()),
  });
  const args = { schema, document: parse(query), variableValues: variables, contextValue: contextOf(actor) };
  const sink = {
    begins: async () => {},
    get isSlow() {
      return network.isSlow;
    },
    get isFull() {
      return network.isFull;
    },
    next: (frame: Frame) => void frames.push(frame),
    drained: () => new Promise<void>((resolve) => (network.drain = resolve)),
  };
  const begun = await fanOut.join(args as unknown as StreamArguments, { sink, extensions: { cost: 1 } });
  const subscription = begun as Subscription;
  return {
    frames,
    network,
    begun: begun as ExecutionResult,
    subscription,
    results: () => frames.map(({ json }) => JSON.parse(json)),
    data: () => frames.map(({ json }) => JSON.parse(json).data),
    has: (count: number) => eventually(() => frames.length === count),
  };
}

test('each event is executed once for all, with a context of its own, and each first frame says its cost', async () => {
  const fanOut = aFanOut();
  const readers = await Promise.all(
    Array.from({ length: 50 }, () => follow(fanOut, 'subscription { seen }')),
  );
  for (const tick of [1, 2, 3]) ticks.push(tick);
  for (const reader of readers) {
    await reader.has(3);
    expect(reader.results()).toEqual([
      { data: { seen: [1] }, extensions: { cost: 1 } },
      { data: { seen: [2] } },
      { data: { seen: [3] } },
    ]);
  }
  expect(fanOut.counts()).toMatchObject({ executions: 3, deliveries: 150, groups: 1, subscriptions: 50 });
  expect(totalCount(fanOut.counts().delays.total)).toBe(150);
  for (const { subscription } of readers) await subscription.return();
  expect(fanOut.counts()).toMatchObject({ groups: 0, subscriptions: 0 });
});

test('readers who begin at different places are of one group, those of different arguments are not', async () => {
  const fanOut = aFanOut();
  const QUERY = 'subscription ($after: String, $of: Int) { seen(after: $after, of: $of) }';
  const readers = [
    await follow(fanOut, QUERY, { variables: { after: 'a', of: 1 } }),
    await follow(fanOut, QUERY, { variables: { of: 1, after: 'b' } }),
    await follow(fanOut, QUERY, { variables: { of: 1 } }),
    await follow(fanOut, QUERY, { variables: { of: 2 } }),
    await follow(fanOut, 'subscription { seen(of: 1, after: "a") }'),
    await follow(fanOut, 'subscription { seen(of: 1, after: "b") }'),
    await follow(fanOut, 'subscription { seen(of: 2, after: "b") }'),
  ];
  expect(fanOut.counts().groups).toBe(4);
  for (const { subscription } of readers) await subscription.return();
});

test('a payload is shared by those of equal rights and by nobody else', async () => {
  const fanOut = aFanOut();
  const subsets = ROLES.flatMap((role, at) => [[role], ROLES.slice(0, at + 1), ROLES.slice(at)]);
  const actors = [...subsets, ...subsets].map((roles) => aUser([...roles]));
  const readers = await Promise.all(
    actors.map((actor) => follow(fanOut, 'subscription { roles }', { actor })),
  );
  ticks.push(1);
  ticks.push(2);
  const keyOf = ({ roles }: UserActor) => [...roles].sort().join();
  for (const reader of readers) await reader.has(2);
  for (const [at, a] of readers.entries()) {
    for (const [beside, b] of readers.entries()) {
      const areEqual = keyOf(actors[at] as UserActor) === keyOf(actors[beside] as UserActor);
      expect(a.frames[1] === b.frames[1]).toBe(areEqual);
    }
    expect([...a.data()[1].roles].sort().join()).toBe(keyOf(actors[at] as UserActor));
  }
  expect(fanOut.counts().executions).toBe(2 * new Set(actors.map(keyOf)).size);
  for (const { subscription } of readers) await subscription.return();
});

test('of two of the same roles with different grants neither is shown what was executed for the other', async () => {
  const fanOut = aFanOut();
  const actors = [aUser(), aUser(['OPERATOR'], ['WALLETS_POST']), aUser(['OPERATOR'], ['WALLETS_POST'])];
  const readers = await Promise.all(
    actors.map((actor) => follow(fanOut, 'subscription { grants }', { actor })),
  );
  ticks.push(1);
  for (const reader of readers) await reader.has(1);
  expect(readers.map((reader) => reader.data()[0].grants)).toEqual([[], ['WALLETS_POST'], ['WALLETS_POST']]);
  expect(fanOut.counts().executions).toBe(2);
  for (const { subscription } of readers) await subscription.return();
});

test('what is one person’s is executed for him, and a shared execution knows nobody', async () => {
  const fanOut = aFanOut();
  const [anna, bert] = [aUser(), aUser()];
  const own = [
    await follow(fanOut, 'subscription { mine }', { actor: anna }),
    await follow(fanOut, 'subscription { mine }', { actor: bert }),
  ];
  const viewer = await follow(fanOut, 'subscription { viewer }', { actor: anna });
  ticks.push(1);
  for (const reader of [...own, viewer]) await reader.has(1);
  expect(own.map((reader) => reader.data()[0].mine)).toEqual([anna.userId, bert.userId]);
  expect(viewer.results()[0]).toMatchObject({
    data: { viewer: null },
    errors: [{ extensions: { code: 'SYS_001' } }],
  });
  for (const { subscription } of [...own, viewer]) await subscription.return();
});

test('an error in one event spoils that frame, not the stream', async () => {
  const fanOut = aFanOut();
  const reader = await follow(fanOut, 'subscription { seen }');
  for (const tick of [-1, 2]) ticks.push(tick);
  await reader.has(2);
  expect(reader.results()).toMatchObject([{ data: { seen: null }, errors: [{}] }, { data: { seen: [2] } }]);
  await reader.subscription.return();
});

test('an event that cannot be executed at all spoils its frame, not the stream', async () => {
  let isBroken = true;
  const fanOut = aFanOut({ isBroken: () => isBroken });
  const reader = await follow(fanOut, 'subscription { seen }');
  ticks.push(1);
  await reader.has(1);
  isBroken = false;
  ticks.push(2);
  await reader.has(2);
  expect(reader.results()).toMatchObject([
    { data: null, errors: [{ message: 'Unexpected error.' }] },
    { data: { seen: [2] } },
  ]);
  await reader.subscription.return();
});

test('what is refused is a result instead of a subscription, and leaves nothing', async () => {
  const fanOut = aFanOut();
  const refused = await follow(fanOut, 'subscription { refused }', { actor: aUser(['PLAYER']) });
  expect(refused.begun.errors?.[0]?.originalError).toBeInstanceOf(PermissionDeniedError);
  expect((await follow(fanOut, 'subscription ($x: Int!) { seen @skip(if: $x) }')).begun.errors).toBeDefined();
  expect(fanOut.counts()).toMatchObject({ groups: 0, subscriptions: 0 });
});

test('who loses a right gets nothing later, who has others from now on sees with them', async () => {
  const fanOut = aFanOut();
  const actor = aUser(['ADMIN']);
  let now = actor;
  const current = async () => now;
  const lost = await follow(fanOut, 'subscription { refused }', { actor, current });
  const kept = await follow(fanOut, 'subscription { roles }', { actor, current });
  ticks.push(1);
  await kept.has(1);
  now = { ...actor, roles: ['PLAYER'] };
  for (const { subscription } of [lost, kept]) await subscription.recheck();
  ticks.push(2);
  await kept.has(2);
  expect(kept.data()).toEqual([{ roles: ['ADMIN'] }, { roles: ['PLAYER'] }]);
  await expect(lost.subscription.next()).rejects.toBeInstanceOf(PermissionDeniedError);
  expect(lost.frames).toHaveLength(1);
  await kept.subscription.return();
});

test('what was asked about his rights last holds, whatever is answered first', async () => {
  const fanOut = aFanOut();
  const actor = aUser(['ADMIN']);
  const answers: ((roles: readonly Role[]) => void)[] = [];
  const current = () =>
    new Promise<UserActor>((resolve) => answers.push((roles) => resolve({ ...actor, roles })));
  const reader = await follow(fanOut, 'subscription { roles }', { actor, current });
  const [earlier, later] = [reader.subscription.recheck(), reader.subscription.recheck()];
  answers[1]?.(['PLAYER']);
  await later;
  answers[0]?.(['ADMIN']);
  await earlier;
  ticks.push(1);
  await reader.has(1);
  expect(reader.data()).toEqual([{ roles: ['PLAYER'] }]);
  await reader.subscription.return();
});

test('who was granted again what he had lost goes on, though the loss is answered last', async () => {
  const fanOut = aFanOut();
  const actor = aUser(['ADMIN']);
  const answers: ((roles: readonly Role[]) => void)[] = [];
  const current = () =>
    new Promise<UserActor>((resolve) => answers.push((roles) => resolve({ ...actor, roles })));
  const reader = await follow(fanOut, 'subscription { refused }', { actor, current });
  const [earlier, later] = [reader.subscription.recheck(), reader.subscription.recheck()];
  answers[1]?.(['ADMIN']);
  await later;
  answers[0]?.(['PLAYER']);
  await earlier;
  ticks.push(1);
  await reader.has(1);
  await reader.subscription.return();
});

test('a session that is over ends the subscription; one that cannot be looked up does not', async () => {
  const fanOut = aFanOut();
  let failure: Error = new Error('the database is away');
  const reader = await follow(fanOut, 'subscription { seen }', { current: () => Promise.reject(failure) });
  await expect(reader.subscription.recheck()).rejects.toBe(failure);
  ticks.push(1);
  await reader.has(1);
  failure = new SessionRevokedError();
  await reader.subscription.recheck();
  await expect(reader.subscription.next()).rejects.toBe(failure);
  expect(fanOut.counts()).toMatchObject({ groups: 0, subscriptions: 0 });
});

test('subscriptions are counted by what they follow, in a fragment too, until they are over', async () => {
  const fanOut = aFanOut();
  const readers = [
    await follow(fanOut, 'subscription { seen }'),
    await follow(fanOut, 'subscription { other: seen }'),
    await follow(fanOut, 'subscription { ...F } fragment F on Subscription { ... { roles } }'),
  ];
  await follow(fanOut, 'subscription { refused }', { actor: aUser(['PLAYER']) });
  expect(fanOut.counts().byField).toEqual(
    new Map([
      ['seen', 2],
      ['roles', 1],
    ]),
  );
  for (const { subscription } of readers) await subscription.return();
  expect([...fanOut.counts().byField.values()]).toEqual([0, 0]);
});

test('a reader of events who does not read is ended, its siblings go on', async () => {
  const fanOut = aFanOut();
  const [slow, quick] = [
    await follow(fanOut, 'subscription { seen }'),
    await follow(fanOut, 'subscription { seen }'),
  ];
  slow.network.isFull = true;
  for (const tick of [1, 2]) ticks.push(tick);
  await quick.has(2);
  await expect(slow.subscription.next()).rejects.toMatchObject({ code: 'WS_004' });
  expect(slow.frames).toHaveLength(1);
  expect(fanOut.counts()).toMatchObject({ slowClosed: 1, subscriptions: 1 });
  await quick.subscription.return();
});

test('frames for those who come back are kept for all groups together, the newest of them', async () => {
  const subscriptions: Subscription[] = [];
  const read = async (fanOut: FanOut, of: number) => {
    const reader = await follow(fanOut, 'subscription ($of: Int) { replay(of: $of) }', { variables: { of } });
    subscriptions.push(reader.subscription);
    return reader;
  };
  const few = aFanOut({ frames: createFrameCache({ frames: 4, characters: 1_000 }) });
  const small = aFanOut({ frames: createFrameCache({ frames: 100, characters: 1 }) });
  // The only readers of their groups: no frame of theirs is kept.
  const only = [await read(few, 1), await read(few, 2), await read(small, 1)];
  for (const tick of [1, 2, 3, 4]) replayed.push(tick);
  for (const reader of only) await reader.has(4);
  const executionsFor = async (fanOut: FanOut, of: number) => {
    const before = fanOut.counts().executions;
    const reader = await read(fanOut, of);
    await reader.has(4);
    expect(reader.data()).toEqual([1, 2, 3, 4].map((replay) => ({ replay })));
    return fanOut.counts().executions - before;
  };
  expect(await executionsFor(few, 1)).toBe(4);
  expect(await executionsFor(few, 2)).toBe(4);
  // The newest four are the second group's.
  expect(await executionsFor(few, 2)).toBe(0);
  expect(await executionsFor(few, 1)).toBe(4);

  expect(await executionsFor(small, 1)).toBe(4);
  expect(await executionsFor(small, 1)).toBe(4);
  for (const subscription of subscriptions) await subscription.return();
});

test('the cursor of a frame says what the query of its reader showed, and not what another’s did', async () => {
  for (const tick of [1, 2, 3, 4]) asked.push(tick);
  const fanOut = aFanOut();
  const behind = (after: number) =>
    follow(fanOut, 'subscription ($after: Int) { behind(after: $after) }', { variables: { after } });
  const readers = [await behind(3), await behind(2), await behind(1)];
  const last = () => readers.map(({ frames }) => decodeCursor(frames.at(-1)?.cursor ?? ''));
  await eventually(() => readers.every((reader) => reader.data().at(-1)?.behind === 4));
  expect(readers.map(({ frames }) => frames.length)).toEqual([1, 2, 3]);
  expect(last().map(({ position, snapshot }) => [position, snapshot?.xmax])).toEqual([
    [4n, 4n],
    [4n, 3n],
    [4n, 2n],
  ]);
  expect(fanOut.counts().groups).toBe(1);
  asked.push(5);
  await eventually(() => readers.every((reader) => reader.data().at(-1)?.behind === 5));
  expect(new Set(last().map(({ snapshot }) => snapshot))).toEqual(new Set([null]));
  for (const { subscription } of readers) await subscription.return();
});

test('what waits for its frame is shown before what has its own', async () => {
  const fanOut = aFanOut();
  gate = aGate();
  const reader = await follow(fanOut, 'subscription { held }');
  for (const tick of [0, 2, 3, 4, 5, 6]) ticks.push(tick);
  await reader.has(2);
  ticks.push(8);
  await eventually(() => fanOut.counts().executions === 6);
  expect(reader.data().map(({ held }) => held)).toEqual([0, 2]);
  gate.open();
  await reader.has(7);
  expect(reader.data().map(({ held }) => held)).toEqual([0, 2, 3, 4, 5, 6, 8]);
  await reader.subscription.return();
});

test('a burst of events is handed on in one turn', async () => {
  const fanOut = aFanOut();
  const reader = await follow(fanOut, 'subscription { seen }');
  const sizes: number[] = [];
  for (let tick = 0; tick < 8; tick += 1) ticks.push(tick);
  await eventually(() => {
    sizes.push(reader.frames.length);
    return reader.frames.length === 8;
  });
  expect(new Set(sizes)).toEqual(new Set([0, 8]));
  await reader.subscription.return();
});

test('a state begins with the present, read once for all who come together, and goes on with changes', async () => {
  state = aState();
  state.state.present = [change('a', 5), change('b', 2)];
  const fanOut = aFanOut();
  const readers = await Promise.all(
    Array.from({ length: 20 }, () => follow(fanOut, 'subscription { state { value skipped } }')),
  );
  for (const reader of readers) await reader.has(2);
  expect(state.state.reads).toBe(1);
  state.say(change('a', 6));
  for (const reader of readers) {
    await reader.has(3);
    expect(reader.data().map(({ state: { value } }) => value)).toEqual(['a5', 'b2', 'a6']);
  }
  expect(fanOut.counts().executions).toBe(3);
  for (const { subscription } of readers) await subscription.return();
  expect(state.listeners.size).toBe(0);
});

test('what changes while the present is read is shown behind it, once, and nothing older', async () => {
  state = aState();
  let release = () => {};
  state.state.hold = new Promise((resolve) => (release = resolve));
  state.state.present = [change('a', 5), change('b', 2)];
  const fanOut = aFanOut();
  const reader = await follow(fanOut, 'subscription { state { value skipped } }');
  await eventually(() => state.state.reads === 1);
  for (const item of [change('a', 4), change('b', 3), change('b', 4), change('c', 1)]) state.say(item);
  release();
  await reader.has(4);
  expect(reader.data().map(({ state: shown }) => shown)).toEqual([
    { value: 'a5', skipped: 0 },
    { value: 'b2', skipped: 0 },
    { value: 'b4', skipped: 1 },
    { value: 'c1', skipped: 0 },
  ]);
  state.say(change('b', 4));
  state.say(change('b', 5));
  await reader.has(5);
  expect(reader.data()[4].state).toEqual({ value: 'b5', skipped: 0 });
  await reader.subscription.return();
});

test('a reader of a state who is too slow gets the newest of each subject when he reads again', async () => {
  state = aState();
  const fanOut = aFanOut();
  const [slow, quick] = [
    await follow(fanOut, 'subscription { state { value skipped } }'),
    await follow(fanOut, 'subscription { state { value skipped } }'),
  ];
  await eventually(() => state.state.reads === 1);
  slow.network.isSlow = true;
  for (let version = 1; version <= 10; version += 1) {
    state.say(change('a', version));
    if (version % 2 === 0) state.say(change('b', version));
    await eventually(() => quick.data().some(({ state: { value } }) => value === `a${version}`));
  }
  expect(slow.frames.length).toBe(1);
  slow.network.isSlow = false;
  slow.network.drain();
  await slow.has(3);
  const shown = slow.data().map(({ state: { value } }) => value);
  expect(shown.sort()).toEqual(['a1', 'a10', 'b10']);
  const skipped = slow.data().reduce((sum, { state: frame }) => sum + frame.skipped, 0);
  expect(skipped + slow.frames.length).toBe(15);
  state.say(change('a', 11));
  await slow.has(4);
  for (const { subscription } of [slow, quick]) await subscription.return();
});

test('minIntervalMs leaves out what comes between, and the last is exact', async () => {
  state = aState(100);
  const fanOut = aFanOut();
  const reader = await follow(fanOut, 'subscription { state { value skipped } }');
  await eventually(() => state.state.reads === 1);
  const started = performance.now();
  for (let version = 1; version <= 200; version += 1) {
    state.say(change('a', version));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await eventually(() => reader.data().at(-1)?.state.value === 'a200');
  const intervals = (performance.now() - started) / 100;
  expect(reader.frames.length).toBeLessThanOrEqual(intervals + 2);
  const skipped = reader.data().reduce((sum, { state: frame }) => sum + frame.skipped, 0);
  expect(skipped + reader.frames.length).toBe(200);
  await reader.subscription.return();
});

test('whose state is another by his rights is shown that, and nothing of the one before listens to it', async () => {
  const fanOut = aFanOut();
  const [narrow, wide] = [aState(), aState()];
  narrow.state.present = [change('a', 1)];
  wide.state.present = [change('a', 1), change('b', 1)];
  Object.assign(wide.source, { key: 'wide' });
  state = narrow;
  const reader = await follow(fanOut, 'subscription { state { value } }');
  await reader.has(1);
  state = wide;
  await reader.subscription.recheck();
  expect([narrow.listeners.size, wide.listeners.size]).toEqual([0, 1]);
  narrow.say(change('a', 2));
  await reader.has(3);
  wide.say(change('b', 2));
  await reader.has(4);
  expect(reader.data().map((data) => data.state.value)).toEqual(['a1', 'a1', 'b1', 'b2']);
  expect(fanOut.counts()).toMatchObject({ groups: 1, subscriptions: 1 });
  await reader.subscription.return();
  expect(wide.listeners.size).toBe(0);
  expect(fanOut.counts()).toMatchObject({ groups: 0, subscriptions: 0 });
});

test('a subscription is over when what is planned for it now ends, and not when what was planned did', async () => {
  const fanOut = aFanOut();
  const over: string[] = [];
  const begin = async (name: string, end: Date | undefined) => {
    endsAt = end;
    const { subscription } = await follow(fanOut, 'subscription { ending }');
    subscription.whenOver(() => over.push(name));
    return subscription;
  };
  /** With twice the time where it was over before anything else was planned. */
  async function plan(leadMs: number): Promise<{ readonly unbound: Subscription; readonly soon: number }> {
    const soon = Date.now() + leadMs;
    const unbound = await begin('unbound', new Date(soon));
    endsAt = undefined;
    await unbound.recheck();
    if (over.splice(0).length > 0) return await plan(2 * leadMs);
    return { unbound, soon };
  }
  const { unbound, soon } = await plan(300);
  const bound = await begin('bound', undefined);
  endsAt = new Date(soon + 10);
  await bound.recheck();
  await eventually(() => over.length > 0);
  expect(over).toEqual(['bound']);
  await unbound.return();
});
