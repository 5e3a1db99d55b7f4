import { expect, test, vi } from 'vitest';
import { openChannels } from '../../src/client/floor-client.ts';
import { aClientFloor, DOORS, type Door, heard, listener } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Whoever stopped listening hears nothing more, also when another listener stopped him in the middle of it. */
const { floor, client, raise } = await aClientFloor();

test('who is stopped by a neighbour does not hear the frame that both waited for', async () => {
  const way = client();
  const [first, second] = [listener(), listener()];
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  way.on<Door>(request, {
    next(result) {
      first.next(result);
      way.off(second);
    },
  });
  way.on(request, second);
  await raise(1);
  await heard(() => first.codes.length === 1);
  expect(second.codes).toEqual([]);
});

test('nor the status', async () => {
  const way = client();
  const heardBy: string[] = [];
  way.onStatus(() => {
    heardBy.push('first');
    stop();
  });
  const stop = way.onStatus(() => heardBy.push('second'));
  way.on({ query: DOORS, variables: { after: null } }, listener());
  expect(way.status.state).toBe('connecting');
  expect(heardBy).toEqual(['first']);
});

test('nor the word', async () => {
  const channels = openChannels(client(), { after: await floor.cursor() });
  const [first, second]: [unknown[], unknown[]] = [[], []];
  const later = ({ data }: { readonly data: unknown }) => void second.push(data);
  channels.on('word', ({ data }) => {
    first.push(data);
    channels.off(later);
  });
  channels.on('word', later);
  await channels.send({ type: 'word', data: 1 });
  await heard(() => first.length === 1);
  expect(second).toEqual([]);
});

test('nor anything, when the beginning itself brought another to stop him', async () => {
  const way = client();
  const told = listener();
  way.onStatus(({ state }) => void (state === 'connecting' && way.off(told)));
  const after = await floor.cursor();
  way.on({ query: DOORS, variables: { after } }, told);
  const neighbour = listener();
  way.on({ query: DOORS, variables: { after } }, neighbour);
  await raise(1);
  await heard(() => neighbour.codes.length === 1);
  expect(told.codes).toEqual([]);
});

test('who is refused at once is remembered no longer', async () => {
  const way = client();
  const told = listener();
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await heard(() => way.status.state === 'connected');
  way.off(told);
  way.on({ query: 'subscription { machineEvents { exceptionCode } }' }, told);
  expect(told.errors).toMatchObject([{ name: 'NotResumableError' }]);
  const waits = way.timers.waits.length;
  way.off(told);
  // Whoever leaves last has the connection kept for a moment.
  expect(way.timers.waits).toHaveLength(waits);
});
