import { setTimeout as pause } from 'node:timers/promises';
import { Running } from '../../src/lib/running.ts';
import { type Helper, startHelper } from '../fanout/ipc.ts';
import {
  type ClientCommand,
  type ClientTask,
  type Count,
  nowMs,
  type ServerCommand,
} from '../fanout/protocol.ts';
import { percentile } from '../percentile.ts';
import { atMost } from '../verdict.ts';
import type { Bank } from '../wallet/bank.ts';
import { createWire } from '../wallet/http-wire.ts';
import type { BookedDay } from './hall.ts';

const WATCHERS = 1_000;
const OTHER_FILES = 300;
const CHANGES = 60;
const PAUSE_MS = 250;
const GOAL_MS = 250;

const WATCH = `subscription Day($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) {
  slots { index state booking { id status } } } }`;
const BLOCK = `mutation ($input: BlockSlotsInput!) { done: blockSlots(input: $input) {
  __typename ... on BlockSlotsSuccess { block { id } } } }`;
const UNBLOCK = `mutation ($input: UnblockSlotsInput!) { done: unblockSlots(input: $input) { __typename } }`;

/** A thousand sockets that watch one day, of which a slot is blocked and unblocked. */
export async function measureWatching(bank: Bank, { globalId, date }: BookedDay): Promise<void> {
  await using running = new Running();
  const server = running.add(
    await startHelper<ServerCommand>({
      file: './floorwire.ts',
      task: null,
      role: 'SERVER',
      openFiles: WATCHERS + OTHER_FILES,
      environment: bank.environment,
    }),
  );
  const port = Number(server.greeting);
  const payload = { query: WATCH, variables: { resourceId: globalId, date } };
  const hello = [
    JSON.stringify({ type: 'connection_init', payload: { accessToken: bank.token } }),
    JSON.stringify({ id: '1', type: 'subscribe', payload }),
  ];
  const task: ClientTask = { port, hellos: Array.from({ length: WATCHERS }, () => hello) };
  const clients = running.add(
    await startHelper<ClientCommand>({
      file: './clients.ts',
      task,
      role: 'OTHER',
      openFiles: WATCHERS + OTHER_FILES,
    }),
  );
  await clients.ask({ do: 'expect', frames: WATCHERS });
  await clients.ask({ do: 'reset', sampled: WATCHERS });
  const before = await readsOf(port);
  const sentAt = await changeOften({ bank, port, clients, day: { globalId, date } });
  const reads = (await readsOf(port)) - before;
  const { arrivals, closed } = await clients.ask<Count>({ do: 'count' });
  if (closed > 0) throw new Error(`${closed} sockets were closed`);
  const latencies = arrivals.flatMap((ofOne) =>
    ofOne.map((at, change) => at - (sentAt[change] ?? Number.NaN)),
  );
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  console.log(
    `${WATCHERS} watchers of one day, ${CHANGES} changes: ${(reads / CHANGES).toFixed(2)} reads of the database per change ${atMost(reads / CHANGES, 1, '')}; frames from the request on p50 ${p50.toFixed(0)} ms p99 ${p99.toFixed(0)} ms ${atMost(p99, GOAL_MS, 'ms')}`,
  );
}

/** Each change when every watcher has seen the one before; answers when each was asked for. */
async function changeOften({
  bank,
  port,
  clients,
  day: { globalId, date },
}: {
  readonly bank: Bank;
  readonly port: number;
  readonly clients: Helper<ClientCommand>;
  readonly day: Pick<BookedDay, 'globalId' | 'date'>;
}): Promise<readonly number[]> {
  const wire = createWire({ port, token: bank.token });
  const send = async (query: string, input: object) => {
    const { data } = JSON.parse(await wire.post(JSON.stringify({ query, variables: { input } })));
    if (!data?.done?.__typename.endsWith('Success')) throw new Error(`refused: ${JSON.stringify(data)}`);
    return data.done;
  };
  const time = { startsAt: `${date}T10:00:00Z`, endsAt: `${date}T11:00:00Z` };
  const sentAt: number[] = [];
  let blockId: string | null = null;
  for (let change = 1; change <= CHANGES; change += 1) {
    sentAt.push(nowMs());
    if (blockId === null) blockId = (await send(BLOCK, { resourceId: globalId, ...time })).block.id;
    else {
      await send(UNBLOCK, { blockId });
      blockId = null;
    }
    await clients.ask({ do: 'expect', frames: change * WATCHERS });
    await pause(PAUSE_MS);
  }
  return sentAt;
}

/** As anybody who watches the server would. */
async function readsOf(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const found = /^floorwire_slot_day_reads_total (\d+)$/m.exec(metrics);
  if (!found) throw new Error('the server does not count how often it reads a day');
  return Number(found[1]);
}
