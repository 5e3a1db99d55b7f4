import { setTimeout as pause } from 'node:timers/promises';
import { Running } from '../../src/lib/running.ts';
import { machineIdOf, PRIVATE_OPERATION, PUBLIC_OPERATION } from './events.ts';
import type { BenchFloor } from './floor.ts';
import { type Helper, type HelperOptions, startHelper } from './ipc.ts';
import type {
  ClientCommand,
  ClientTask,
  Count,
  Measurement,
  Published,
  ServerCommand,
  ServerTask,
} from './protocol.ts';

/** Who takes part, the bounds first: handed its events in memory, and from floorwire's log. */
export const CONTESTANTS = ['ws', 'ws-log', 'yoga', 'floorwire'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** How many sockets, and whether each follows a machine of its own or all follow all. */
export interface Round {
  readonly sockets: number;
  readonly isPrivate: boolean;
}

/** A server with all its subscribers, each of which has had a first frame. */
export interface Contestant extends AsyncDisposable {
  readonly name: ContestantName;
  readonly round: Round;
  readonly memoryPerSocket: { readonly heapBytes: number; readonly rssBytes: number };
  publish(topics: readonly number[]): Promise<Published>;
  measure(): Promise<Measurement>;
  /** Resolves when so many frames have come since the last reset. */
  expect(frames: number): Promise<void>;
  count(): Promise<Count>;
  reset(options?: { readonly sampled: number }): Promise<void>;
}

const FILES: Readonly<Record<ContestantName, string>> = {
  ws: './raw.ts',
  'ws-log': './raw-log.ts',
  yoga: './yoga.ts',
  floorwire: './floorwire.ts',
};
const FOLLOWS_LOG: ReadonlySet<ContestantName> = new Set(['ws-log', 'floorwire']);
const IS_RAW: ReadonlySet<ContestantName> = new Set(['ws', 'ws-log']);
/** Besides sockets. */
const OTHER_FILES = 300;
/** Before those that are counted, of subjects of their own: the server is warm then, and has what it has but once. */
export const EARLY_SOCKETS = 100;
const PROBE_MS = 250;
const PROBES = 240;
const QUIET_MS = 3_000;

export async function startContestant(
  name: ContestantName,
  round: Round,
  { floor, machineIds }: { readonly floor: BenchFloor; readonly machineIds: readonly string[] },
): Promise<Contestant> {
  const running = new Running();
  const task: ServerTask = { connection: floor.connection, venueId: floor.venueId, machineIds };
  const openFiles = round.sockets + OTHER_FILES;
  const start = async <Command>(options: HelperOptions): Promise<Helper<Command>> =>
    running.add(await startHelper<Command>(options));

  const server = await start<ServerCommand>({
    file: FILES[name],
    task,
    role: 'SERVER',
    openFiles,
    environment: name === 'floorwire' ? floor.environment : {},
  });
  const source = FOLLOWS_LOG.has(name)
    ? await start<ServerCommand>({ file: './writer.ts', task, role: 'OTHER' })
    : server;
  const measure = ({ collect } = { collect: false }) => server.ask<Measurement>({ do: 'measure', collect });
  const publish = (topics: readonly number[]) => source.ask<Published>({ do: 'publish', topics });
  const subscribe = async (topics: readonly number[]) => {
    const hellos = topics.map((topic) =>
      hello(name, { token: floor.token, machineId: round.isPrivate ? (machineIds[topic] ?? '') : null }),
    );
    const clientTask: ClientTask = { port: Number(server.greeting), hellos };
    const clients = await start<ClientCommand>({
      file: './clients.ts',
      task: clientTask,
      role: 'OTHER',
      openFiles,
    });
    const everyTopic = round.isPrivate ? topics : [0];
    await reachAll(clients, { sockets: topics.length, publish: () => publish(everyTopic) });
    return clients;
  };

  const early = await subscribe(rangeOf(round.sockets, EARLY_SOCKETS));
  await warmUp(early, {
    isPrivate: round.isPrivate,
    publish: (topics) => publish(topics.map((topic) => (round.isPrivate ? round.sockets + topic : 0))),
  });
  const before = await measure({ collect: true });
  const clients = await subscribe(rangeOf(0, round.sockets));
  const after = await measure({ collect: true });
  await early[Symbol.asyncDispose]();
  const count = () => clients.ask<Count>({ do: 'count' });
  const reset = async ({ sampled } = { sampled: 0 }) => void (await clients.ask({ do: 'reset', sampled }));

  return {
    name,
    round,
    memoryPerSocket: {
      heapBytes: (after.heapBytes - before.heapBytes) / round.sockets,
      rssBytes: (after.rssBytes - before.rssBytes) / round.sockets,
    },
    publish,
    measure: () => measure(),
    expect: async (frames) => void (await clients.ask({ do: 'expect', frames })),
    count,
    reset,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const rangeOf = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => first + at);

/** Until each socket has had a frame, and no more come. */
async function reachAll(
  clients: Helper<ClientCommand>,
  { sockets, publish }: { readonly sockets: number; readonly publish: () => Promise<unknown> },
): Promise<void> {
  const count = () => clients.ask<Count>({ do: 'count' });
  await clients.ask({ do: 'reset', sampled: 0 });
  for (let probes = 0; (await count()).reached < sockets; probes += 1) {
    if (probes === PROBES) throw new Error('not every socket is subscribed');
    await publish();
    await pause(PROBE_MS);
  }
  for (let frames = -1; frames !== (await count()).frames; await pause(QUIET_MS))
    frames = (await count()).frames;
}

/** So many events that whatever keeps the newest few thousand is full of them, where each is for one socket alone. */
async function warmUp(
  clients: Helper<ClientCommand>,
  {
    isPrivate,
    publish,
  }: { readonly isPrivate: boolean; readonly publish: (topics: readonly number[]) => Promise<unknown> },
): Promise<void> {
  const [events, readers] = isPrivate ? [EARLY_SOCKETS, 1] : [EARLY_SOCKETS / 10, EARLY_SOCKETS];
  await clients.ask({ do: 'reset', sampled: 0 });
  for (let topic = 0; topic < EARLY_SOCKETS; topic += 1) await publish(Array(events).fill(topic));
  await clients.ask({ do: 'expect', frames: EARLY_SOCKETS * events * readers });
}

function hello(
  name: ContestantName,
  { token, machineId }: { readonly token: string; readonly machineId: string | null },
): readonly string[] {
  const machineIds = machineId === null ? undefined : [machineIdOf(machineId)];
  if (IS_RAW.has(name)) return machineIds ? [JSON.stringify({ machineIds })] : [];
  const payload = machineIds
    ? { query: PRIVATE_OPERATION, variables: { machineIds } }
    : { query: PUBLIC_OPERATION };
  const init = name === 'floorwire' ? { payload: { accessToken: token } } : {};
  return [
    JSON.stringify({ type: 'connection_init', ...init }),
    JSON.stringify({ id: '1', type: 'subscribe', payload }),
  ];
}
