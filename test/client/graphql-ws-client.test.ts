import { expect, test, vi } from 'vitest';
import { graphqlWsClient } from '../../src/client/floor-client.ts';
import { aClientFloor, DOORS, type Door } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The client with the face of a stock one. */
const { floor, client, raise } = await aClientFloor();

const numberIn = async (next: Promise<IteratorResult<unknown, unknown>>) => {
  const { done, value } = await next;
  return done ? null : (value as { readonly data: Door }).data.machineEvents.exceptionCode;
};

test('frames that are asked for before they come are given in order, and none after the end', async () => {
  const stock = graphqlWsClient(client());
  const frames = stock.iterate({ query: DOORS, variables: { after: await floor.cursor() } });
  const asked = [frames.next(), frames.next(), frames.next()];
  await raise(2);
  expect(await Promise.all(asked.slice(0, 2).map(numberIn))).toEqual([1, 2]);
  expect(await frames.return?.()).toEqual({ done: true, value: undefined });
  expect(await Promise.all([...asked.slice(2), frames.next()].map(numberIn))).toEqual([null, null]);
});
