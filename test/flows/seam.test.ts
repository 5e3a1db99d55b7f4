import type { Client } from 'graphql-ws';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { withDeadline } from '../support/deadline.ts';
import { endGame, startLoad } from '../support/load.ts';
import { report, sized } from '../support/soak.ts';

/** Each has a machine of its own, so that it knows all that happens to its subject. */
const LANES = 4;
const ROUNDS_PER_LANE = sized({ test: 20, soak: 2_500 });
const FRAME_MS = 30_000;

const QUERY = 'query ($of: [ID!]!) { machineEvents(first: 20, machineIds: $of) { cursor nodes { id } } }';
const SUBSCRIPTION =
  'subscription ($of: [ID!]!, $after: Cursor!) { machineEvents(machineIds: $of, after: $after) { id } }';

const floor = await aFloorApp({ machines: LANES + 1, settings: { databasePoolSize: 24 } });
await floor.online();

test('a query, a write, and a subscription behind the query: the write comes first, nothing comes twice', {
  timeout: 3_600_000,
}, async () => {
  const { runWork } = floor.app().services;
  const { venueId, machineIds } = floor;
  const [busy = '', ...subjects] = machineIds;
  await using _load = startLoad(runWork, { venueId, machineId: busy, writers: 4, heldEvery: 10, heldMs: 30 });
  let seams = 0;
  await Promise.all(
    subjects.map(async (subject) => {
      const client = floor.client('OPERATOR');
      for (let round = 0; round < ROUNDS_PER_LANE; round += 1) {
        await seam(client, { subject, writesBefore: 1 + (round % 3) });
        seams += 1;
      }
    }),
  );
  report(`${seams} seams`);
});

async function seam(
  client: Client,
  { subject, writesBefore }: { readonly subject: string; readonly writesBefore: number },
): Promise<void> {
  const { runWork } = floor.app().services;
  const place = { venueId: floor.venueId, machineId: subject };
  // Some of them commit before the query reads, some after, some in the middle of it.
  const before = Array.from({ length: writesBefore }, () => endGame(runWork, place));
  const { data } = await floor.ask(QUERY, { variables: { of: [subject] } });
  const { cursor, nodes } = data.machineEvents;
  const shown = new Set<string>(nodes.map(({ id }: { id: string }) => id));
  const last = await endGame(runWork, place);
  const frames = client.iterate<{ machineEvents: { id: string } }>({
    query: SUBSCRIPTION,
    variables: { of: [subject], after: cursor },
  });
  const unseen = [...(await Promise.all(before)), last].filter((id) => !shown.has(id));

  const received: string[] = [];
  while (received.length < unseen.length) {
    const { value } = await withDeadline(frames.next(), FRAME_MS, 'the next frame');
    if (value?.errors) throw new Error(JSON.stringify(value.errors));
    received.push(value?.data?.machineEvents.id ?? 'nothing');
  }
  await frames.return?.();
  expect([...received].sort()).toEqual([...unseen].sort());
  if (unseen.length === 1) expect(received).toEqual([last]);
}
