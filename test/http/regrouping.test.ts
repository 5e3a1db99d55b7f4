import { setImmediate as turn } from 'node:timers/promises';
import { parse } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/events/cursor.ts';
import type { LoggedEvent } from '../../src/events/events.ts';
import { createFeed } from '../../src/events/feed.ts';
import {
  NOT_ITERABLE,
  type StateItem,
  type StateSource,
  type StreamedEvent,
} from '../../src/events/source.ts';
import { createStreams } from '../../src/events/stream.ts';
import { createFanOut } from '../../src/http/fan-out.ts';
import type { Frame } from '../../src/http/frame.ts';
import type { Subscriber } from '../../src/http/subscriber.ts';
import type { Role, UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';

/**
 * A reader whose rights change again and again, while whatever else can happen to his stream does at random. The seed
 * stands for the choices; how the turns fall beside the clock it does not.
 */
const VENUE = newId();
const LOG = newId();
/** So few that one serving of all readers is written in one turn: only then is what is left out told exactly. */
const SUBJECTS = 12;
const READERS = 5;
/** Some is for one of two kinds of reader, some for both. */
const MAY_SEE: Readonly<Record<string, (subject: number) => boolean>> = {
  PLAYER: (subject) => subject % 2 === 0,
  OPERATOR: (subject) => subject % 3 === 0,
};
const maySee = (actor: UserActor, subject: number): boolean =>
  MAY_SEE[actor.roles[0] as string]?.(subject) ?? false;
const isForBoth = (subject: number): boolean => Object.values(MAY_SEE).every((may) => may(subject));
const subjectOf = (value: number): number => value % SUBJECTS;

interface Shown {
  readonly value: number;
  readonly skipped: number;
  /** Whether he might see it when it was written to him. */
  readonly isAllowed: boolean;
}

/** The same numbers from 0 to 1 for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Kind = 'each' | 'conflated' | 'state';

function aWorld(seed: number, { queueLimit, minIntervalMs }: { queueLimit: number; minIntervalMs: number }) {
  const random = createRandom(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  async function passing(count: number) {
    for (let at = 0; at < count; at += 1) await turn();
  }
  const pass = (share = 0.5, many = 8): Promise<void> | null =>
    random() < share ? null : passing(1 + upTo(many));

  const hears = new Set<(event: LoggedEvent) => void>();
  const feed = createFeed(
    {
      add(hear: (event: LoggedEvent) => void) {
        hears.add(hear);
        return { [Symbol.dispose]() {} };
      },
    } as never,
    {
      log: LOG,
      start: 0n,
    },
  );
  const streams = createStreams({
    db: undefined as never,
    log: LOG,
    feed,
    signals: undefined as never,
    signalsLost: undefined as never,
    rightsApplied: async () => {},
  });
  const stateListeners = new Set<(item: StateItem) => void>();
  const versions = new Map<number, number>();
  const itemOf = (subject: number): StateItem => {
    const version = versions.get(subject) ?? 0;
    const value = version * SUBJECTS + subject;
    return { subject: String(subject), version: BigInt(version), value: { payload: { value } } };
  };
  let position = 0n;
  /** What those of a role wait for before it is known where their cursor lies. */
  const beginning = new Map<string, Promise<void>>();
  /** Where each was when he had begun. */
  const begun = new Map<object, bigint>();

  function push(value: number): void {
    position += 1n;
    const event = {
      position,
      venueId: VENUE,
      type: 'test.ticked',
      at: new Date(),
      actor: { kind: 'system', id: 'test' },
      origin: null,
      payload: { value },
      xid: position,
    } as LoggedEvent;
    for (const hear of hears) hear(event);
    const subject = subjectOf(value);
    versions.set(subject, (versions.get(subject) ?? 0) + 1);
    for (const hear of stateListeners) hear(itemOf(subject));
  }

  function planEvents(kind: string, actor: UserActor, after: string | null) {
    const source = streams.events<'test.ticked'>({
      types: ['test.ticked'],
      venueId: VENUE,
      after,
      sharedBy: actor.roles.join(),
      matches: ({ payload }) => maySee(actor, subjectOf(payload.value)),
      sightOf: (who, { payload }) =>
        who.kind === 'user' && maySee(who, subjectOf(payload.value)) ? 'SHARED' : null,
      ...(kind === 'conflated' && {
        conflation: { minIntervalMs, subjectOf: ({ payload }) => String(subjectOf(payload.value)) },
      }),
    });
    const begin = source.begin.bind(source);
    return Object.assign(source, {
      async begin(cursor: string) {
        await pass();
        await beginning.get(actor.roles.join());
        return begin(cursor);
      },
    });
  }

  function planState(actor: UserActor, after: string | null): StateSource {
    return {
      ...NOT_ITERABLE,
      kind: 'state',
      key: actor.roles.join(),
      minIntervalMs,
      resumption: {
        after,
        async hasChangedSince() {
          await pass();
          await beginning.get(actor.roles.join());
          return true;
        },
      },
      sightOf: (who, item) =>
        item === null || (who.kind === 'user' && maySee(who, Number(item.subject))) ? 'SHARED' : null,
      async read() {
        await pass();
        const present = [...versions.keys()].filter((subject) => maySee(actor, subject)).map(itemOf);
        await pass();
        return present;
      },
      listen(hear) {
        const mine = (item: StateItem) => void (maySee(actor, Number(item.subject)) && hear(item));
        stateListeners.add(mine);
        return { [Symbol.dispose]: () => void stateListeners.delete(mine) };
      },
    };
  }

  type Value = { readonly payload: { readonly value: number } };
  const schema = createSchema<{ actor: UserActor }>({
    typeDefs: `type Query { x: Int } type Shown { value: Int skipped: Int }
      type Subscription { each(after: String): Shown conflated(after: String): Shown state(after: String): Shown }`,
    resolvers: {
      Subscription: Object.fromEntries(
        ['each', 'conflated', 'state'].map((kind) => [
          kind,
          {
            subscribe: (_root: unknown, { after }: { after?: string }, { actor }: { actor: UserActor }) =>
              (kind === 'state'
                ? planState(actor, after ?? null)
                : planEvents(kind, actor, after ?? null)) as never,
            resolve(frame: StreamedEvent<'test.ticked'> | { value: Value; skipped: number }) {
              const { payload } = 'payload' in frame ? frame : frame.value;
              const shown = { value: payload.value, skipped: frame.skipped };
              return pass(0.7, 4)?.then(() => shown) ?? shown;
            },
          },
        ]),
      ),
    },
  });
  const fanOut = createFanOut({
    createViewContext: () => ({ requestId: newId() }) as never,
    queueLimit,
    logger: pino({ level: 'silent' }),
    translate: () => null,
  });

  async function follow(kind: Kind, from?: bigint) {
    const roles: [Role] = [random() < 0.5 ? 'PLAYER' : 'OPERATOR'];
    let actor = { ...A_USER, userId: newId(), roles } as UserActor;
    const shown: Shown[] = [];
    const waiting = new Set<() => void>();
    let isSlow = false;
    const contextOf = (who: UserActor): object => ({
      actor: who,
      async fresh() {
        await pass();
        const read = actor;
        await pass();
        return contextOf(read);
      },
    });
    let subscriber: Subscriber | null = null;
    const sink = {
      async begins(begun: Subscriber) {
        subscriber = begun;
        const asked = actor;
        await pass();
        if (actor !== asked) await begun.recheck();
      },
      get isSlow() {
        return isSlow;
      },
      isFull: false,
      drained: () => new Promise<void>((resolve) => waiting.add(resolve)),
      next({ json }: Frame) {
        const [{ value, skipped }] = Object.values(JSON.parse(json).data) as [Shown];
        shown.push({ value, skipped, isAllowed: maySee(subscriber?.actor as UserActor, subjectOf(value)) });
      },
    };
    const isBehind = random() < 0.6;
    const begin = from ?? (isBehind ? BigInt(upTo(Number(position) + 1)) : null);
    const after = begin === null ? null : encodeCursor({ log: LOG, position: begin, snapshot: null });
    const document = parse(`subscription ($after: String) { ${kind}(after: $after) { value skipped } }`);
    const args = { schema, document, variableValues: { after }, contextValue: contextOf(actor) };
    const joining = fanOut.join(args as never, { sink: sink as never, extensions: {} });
    void joining.then(
      (joined) => begun.set(joined, position),
      () => {},
    );
    return {
      kind,
      shown,
      joining,
      /** Behind it he is to be shown everything; null: from when he was there. */
      begin,
      get subscriber() {
        return subscriber;
      },
      change() {
        actor = { ...actor, roles: [actor.roles[0] === 'PLAYER' ? 'OPERATOR' : 'PLAYER'] };
        return subscriber?.recheck();
      },
      slow(now: boolean) {
        isSlow = now;
        if (now) return;
        const calls = [...waiting];
        waiting.clear();
        for (const call of calls) call();
      },
      get actor() {
        return actor;
      },
    };
  }
  return { beginning, begun, random, upTo, push, follow, fanOut, feed, stateListeners, at: () => position };
}

const A_USER = {
  kind: 'user',
  venueId: VENUE,
  sessionId: newId(),
  grants: [],
  mustChangePassword: false,
} as const;

type World = ReturnType<typeof aWorld>;
type Options = Parameters<typeof aWorld>[1];

interface Following {
  readonly reader: Awaited<ReturnType<World['follow']>>;
  /** Which rights he had from behind which place on. */
  readonly segments: { readonly behind: bigint; readonly role: string }[];
  /** How many frames he had when he ended it. */
  ended: number | null;
}

/** A value says its place in the log and its subject. */
const placeOf = (value: number): bigint => BigInt(Math.trunc(value / SUBJECTS)) + 1n;
const sees = (role: string, value: number): boolean => MAY_SEE[role]?.(subjectOf(value)) ?? false;

function noteRights(world: World, { reader, segments }: Following): void {
  const actor = reader.subscriber?.actor;
  const role = actor?.kind === 'user' ? actor.roles.join() : null;
  if (role !== null && segments.at(-1)?.role !== role) segments.push({ behind: world.at(), role });
}

async function runAtRandom(world: World, kind: Kind) {
  const { random, upTo } = world;
  const log: number[] = [];
  const followings: Following[] = [];
  const rechecks: (Promise<void> | undefined)[] = [];
  const push = (subject: number) => {
    log.push(log.length * SUBJECTS + subject);
    world.push(log.at(-1) ?? 0);
  };
  for (let step = 0; step < 250; step += 1) {
    if (random() < 0.8) await turn();
    for (const following of followings) noteRights(world, following);
    if (followings.length < READERS && random() < 0.2) {
      followings.push({ reader: await world.follow(kind), segments: [], ended: null });
      continue;
    }
    const one = followings[upTo(followings.length)];
    const what = random();
    if (!one || what < 0.6) for (let many = upTo(12); many >= 0; many -= 1) push(upTo(SUBJECTS));
    else if (what < 0.8) rechecks.push(one.reader.change()?.then(() => noteRights(world, one)));
    else if (what < 0.98) one.reader.slow(random() < 0.4);
    else if (one.ended === null && one.reader.subscriber) {
      one.reader.subscriber.end();
      one.ended = one.reader.shown.length;
    }
  }
  for (const { reader } of followings) reader.slow(false);
  await Promise.all(followings.map(({ reader }) => reader.joining));
  await Promise.all(rechecks);
  for (const following of followings) noteRights(world, following);
  for (let subject = 0; subject < SUBJECTS; subject += 1) push(subject);
  return { log, followings };
}

/** In the end he has the newest of all that he may see now. */
async function hasTheNewest({ reader, segments }: Following, kind: Kind, log: readonly number[]) {
  const role = segments.at(-1)?.role ?? '';
  expect(role).toBe(reader.actor.roles.join());
  const newest = log.slice(-SUBJECTS).filter((value) => sees(role, value));
  const versionOf = (value: number) => log.filter((each) => subjectOf(each) === subjectOf(value)).length;
  const wanted =
    kind === 'state' ? newest.map((value) => versionOf(value) * SUBJECTS + subjectOf(value)) : newest;
  await eventually(() => {
    const last = new Map(reader.shown.map(({ value }) => [subjectOf(value), value]));
    return wanted.every((value) => last.get(subjectOf(value)) === value);
  });
}

function isInOrderAndComplete(world: World, { reader, segments }: Following, log: readonly number[]): void {
  const { shown, begin, subscriber } = reader;
  const places = shown.map(({ value }) => placeOf(value));
  expect(places.every((place, at) => place > (places[at - 1] ?? begin ?? 0n))).toBe(true);
  const from = begin ?? world.begun.get(subscriber ?? {}) ?? 0n;
  const told = shown.flatMap(({ value, skipped }) => Array<number>(skipped + 1).fill(subjectOf(value)));
  for (let subject = 0; subject < SUBJECTS && begin !== null; subject += 1) {
    if (!isForBoth(subject)) continue;
    const happened = log.filter((value) => subjectOf(value) === subject && placeOf(value) > from);
    expect(told.filter((each) => each === subject).length).toBe(happened.length);
  }
  if (reader.kind !== 'each') return;
  const values = new Set(shown.map(({ value }) => value));
  const missed = log.filter((value) => {
    const first = segments.findLastIndex(({ behind }) => behind < placeOf(value));
    const isHis = segments.slice(Math.max(0, first)).every(({ role }) => sees(role, value));
    return isHis && placeOf(value) > from && !values.has(value);
  });
  expect(missed).toEqual([]);
}

async function check(seed: number, kind: Kind, options: Options): Promise<void> {
  const world = aWorld(seed, options);
  const { log, followings } = await runAtRandom(world, kind);
  for (const following of followings) {
    const { reader, ended } = following;
    expect(reader.shown.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
    if (ended !== null) expect(reader.shown.length).toBe(ended);
    else {
      await hasTheNewest(following, kind, log);
      if (kind !== 'state') isInOrderAndComplete(world, following, log);
    }
  }
  const shown = followings.map(({ reader }) => reader.shown.length);
  for (const { reader } of followings) reader.subscriber?.end();
  expect(world.fanOut.counts()).toMatchObject({ groups: 0, subscriptions: 0 });
  expect([world.feed.listeners, world.stateListeners.size]).toEqual([0, 0]);
  const { executions } = world.fanOut.counts();
  world.push(log.length * SUBJECTS);
  await turn();
  expect(followings.map(({ reader }) => reader.shown.length)).toEqual(shown);
  expect(world.fanOut.counts().executions).toBe(executions);
}

const SEEDS = Array.from({ length: 30 }, (_, at) => at + 1);

test.for([
  { kind: 'each', queueLimit: 1_024, minIntervalMs: 0 },
  { kind: 'each', queueLimit: 4, minIntervalMs: 0 },
  { kind: 'conflated', queueLimit: 4, minIntervalMs: 3 },
  { kind: 'state', queueLimit: 4, minIntervalMs: 0 },
  { kind: 'state', queueLimit: 4, minIntervalMs: 2 },
] as const)(
  'whose rights change at random is shown what they are, once and in order: $kind, $queueLimit may wait, every $minIntervalMs ms',
  async ({ kind, ...options }) => {
    for (const seed of SEEDS)
      await check(seed, kind, options).catch((error) => {
        throw new Error(`Of seed ${seed}: ${error.message}`, { cause: error });
      });
  },
);

test.for(['each', 'conflated', 'state'] as const)(
  'a cursor that cannot be found by rights he no longer has is nothing to him: %s',
  async (kind) => {
    const world = aWorld(1, { queueLimit: 4, minIntervalMs: 1 });
    const gate = aGate();
    const reader = await world.follow(kind, 0n);
    const failing = gate.opened.then(() => {
      throw new Error('not found');
    });
    failing.catch(() => {});
    world.beginning.set(reader.actor.roles.join(), failing);
    await eventually(() => world.fanOut.counts().groups === 1);
    await reader.change();
    world.push(0);
    await eventually(() => reader.shown.length === 1);
    gate.open();
    expect(await reader.joining).toBe(reader.subscriber);
    world.push(SUBJECTS);
    await eventually(() => reader.shown.length === 2);
    reader.subscriber?.end();
  },
);
