import { type ExecutionResult, parse } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { SessionRevokedError } from '../../src/auth/errors.ts';
import {
  isAsyncIterable,
  type ResultStream,
  type StreamArguments,
  subscribeWithFreshContext,
} from '../../src/graphql/stream.ts';
import { createChannel } from '../support/channel.ts';
import { eventually } from '../support/deadline.ts';

interface Remembering {
  readonly seen: number[];
  fresh(): Promise<Remembering>;
}

const ticks = createChannel<number>();
let contexts = 0;

function remembering(): Remembering {
  contexts += 1;
  return { seen: [], fresh: async () => remembering() };
}

const schema = createSchema<Remembering>({
  typeDefs: `type Query { x: Int } type Subscription { seen: [Int!] refused: Int never: Int }`,
  resolvers: {
    Subscription: {
      seen: {
        subscribe: () => ticks.subscribe(),
        resolve: (tick: number, _args, context) => {
          if (tick < 0) throw new Error('spoiled');
          context.seen.push(tick);
          return context.seen;
        },
      },
      refused: { subscribe: () => Promise.reject(new Error('refused')), resolve: () => 1 },
      never: {
        subscribe: () =>
          ({
            next: () => new Promise(() => {}),
            [Symbol.asyncIterator]() {
              return this;
            },
          }) as never,
        resolve: () => 1,
      },
    },
  },
});

const subscribe = (query: string, contextValue = remembering()) =>
  subscribeWithFreshContext({
    schema,
    document: parse(query),
    contextValue,
  } as unknown as StreamArguments);

async function open(query: string, contextValue?: Remembering): Promise<ResultStream> {
  const stream = await subscribe(query, contextValue);
  if (!isAsyncIterable(stream)) throw new Error('it was refused');
  return stream;
}

const dataOf = async (next: Promise<IteratorResult<ExecutionResult, void>>) =>
  JSON.parse(JSON.stringify((await next).value ?? null));

test('each event is executed with a context of its own', async () => {
  const stream = await open('subscription { seen }');
  const before = contexts;
  for (const tick of [1, 2, 3]) ticks.push(tick);
  for (const tick of [1, 2, 3]) expect(await dataOf(stream.next())).toEqual({ data: { seen: [tick] } });
  expect(contexts - before).toBe(3);
  await stream.return();
});

test('an error in one event spoils that frame, not the stream', async () => {
  const stream = await open('subscription { seen }');
  for (const tick of [-1, 2]) ticks.push(tick);
  expect(await dataOf(stream.next())).toMatchObject({
    data: { seen: null },
    errors: [{ message: 'spoiled' }],
  });
  expect(await dataOf(stream.next())).toEqual({ data: { seen: [2] } });
  await stream.return();
});

test('the error of the source ends the stream', async () => {
  const stream = await open('subscription { seen }');
  ticks.fail(new Error('the source broke'));
  await expect(stream.next()).rejects.toThrow('the source broke');
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test('what is refused is a result instead of a stream', async () => {
  expect(await subscribe('subscription { refused }')).toMatchObject({ errors: [{ message: 'refused' }] });
  expect(await subscribe('subscription ($x: Int!) { seen @skip(if: $x) }')).toHaveProperty('errors');
});

test('a caller whose session is over loses the stream, and its source is freed', async () => {
  const stream = await open('subscription { seen }', {
    ...remembering(),
    fresh: () => Promise.reject(new SessionRevokedError()),
  });
  ticks.push(1);
  await expect(stream.next()).rejects.toMatchObject({ originalError: { code: 'AUTH_012' } });
  expect(ticks.subscribers).toBe(0);
});

test('leaving frees the source at once, also while it waits', async () => {
  const stream = await open('subscription { seen }');
  const waiting = stream.next();
  await eventually(() => ticks.subscribers === 1);
  await stream.return();
  expect(ticks.subscribers).toBe(0);
  expect((await waiting).done).toBe(true);
});

test('a source that cannot be ended does not hold up who leaves', async () => {
  const stream = await open('subscription { never }');
  void stream.next();
  expect((await stream.return()).done).toBe(true);
});
