import { expect, test, vi } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aDevice } from '../support/builders.ts';
import { aClientFloor, heard } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Who comes late to a state is told how things are, whatever carries it. */
const { floor, proxy, client } = await aClientFloor();
const { id } = await aDevice(floor.app().services.runWork, { venueId: floor.venueId });
const device = {
  query: `subscription ($deviceIds: [ID!], $after: Cursor) {
    deviceStatus(deviceIds: $deviceIds, after: $after) { cursor status }
  }`,
  variables: { deviceIds: [encodeGlobalId('Device', id)] },
};
const machine = { query: 'subscription { meters { machine { id } } }' };

test.each([
  ['a socket', [], device],
  ['an event stream', ['SOCKET'], device],
  ['polling', ['SOCKET', 'SSE'], device],
  ['polling without a change', ['SOCKET', 'SSE'], machine],
] as const)('over %s', async (_, blocked, request) => {
  await floor.online();
  proxy.block(...blocked);
  const { on } = client();
  const told: unknown[][] = [[], []];
  on(request, { next: ({ data }) => void told[0]?.push(data) });
  await heard(() => told[0]?.length);
  on(request, { next: ({ data }) => void told[1]?.push(data) });
  await heard(() => told[1]?.length);
  expect(told[1]?.[0]).toEqual(
    request === machine
      ? { meters: { machine: { id: floor.machineIds[0] } } }
      : { deviceStatus: { cursor: expect.any(String), status: 'OFFLINE' } },
  );
});

test('who is polled for is told once what stays the same', async () => {
  proxy.block('SOCKET', 'SSE');
  const way = client();
  const told: unknown[] = [];
  way.on(device, { next: ({ data }) => void told.push(data) });
  await heard(() => told.length);
  const polls = proxy.begun('HTTP');
  await heard(() => proxy.begun('HTTP') > polls + 5);
  expect(told).toHaveLength(1);
});
