import { strict as assert } from 'node:assert';
import type { Running } from '../../src/lib/running.ts';
import { type Helper, startHelper } from '../fanout/ipc.ts';
import type { Measurement, ServerCommand } from '../fanout/protocol.ts';
import { percentile } from '../percentile.ts';
import { atLeast } from '../verdict.ts';
import type { Bank } from '../wallet/bank.ts';
import type { BookedDay } from './hall.ts';
import { type Asked, type AskingCommand, type AskingTask, type BareTask, MOST_CLIENTS } from './protocol.ts';

const QUERY = `query Day($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) {
  slots { index state booking { id status owner { displayName } } } } }`;
const GOALS: readonly { readonly clients: number; readonly goal: number }[] = [
  { clients: 1, goal: 0.5 },
  { clients: 32, goal: 0.6 },
];
const GROWTH_GOAL = 0.6;
const ROUNDS = 5;
const ROUND_MS = 3_000;
const WARM_UP_MS = 10_000;
const MOST_BODIES = 2_000;

/** A hall that is asked for its days, through floorwire and without. */
export interface Contest {
  readonly bookings: number;
  readonly ours: Asking;
  readonly bare: Asking;
}

/** Clients, and the server they ask. */
interface Asking extends Pick<Helper<AskingCommand>, 'ask'> {
  readonly server: Pick<Helper<ServerCommand>, 'ask'>;
}

/** Starts both servers, their clients in processes of their own, and sees that they answer the same. */
export async function openContest(
  running: Running,
  { bank, days, bookings }: { bank: Bank; days: readonly BookedDay[]; bookings: number },
): Promise<Contest> {
  const drawn = Array.from(
    { length: Math.min(MOST_BODIES, days.length) },
    () => days[Math.floor(Math.random() * days.length)] as BookedDay,
  );
  const clientsOf = async (server: Helper<ServerCommand>, bodies: readonly string[]): Promise<Asking> => {
    const task: AskingTask = { port: Number(server.greeting), token: bank.token, bodies };
    const options = { file: '../slots/asking.ts', task, role: 'OTHER' } as const;
    const { ask } = running.add(await startHelper<AskingCommand>(options));
    return { ask, server };
  };
  const floorwire = running.add(
    await startHelper<ServerCommand>({
      file: './floorwire.ts',
      task: null,
      role: 'SERVER',
      environment: bank.environment,
    }),
  );
  const task: BareTask = { connection: bank.connection };
  const handler = running.add(
    await startHelper<ServerCommand>({ file: '../slots/bare.ts', task, role: 'SERVER' }),
  );
  const ours = await clientsOf(
    floorwire,
    drawn.map(({ globalId, date }) =>
      JSON.stringify({ query: QUERY, variables: { resourceId: globalId, date } }),
    ),
  );
  const bare = await clientsOf(
    handler,
    drawn.map(({ resourceId, date }) => JSON.stringify({ resourceId, date })),
  );
  await seeThatTheyAgree({ bookings, ours, bare });
  return { bookings, ours, bare };
}

interface Shown {
  readonly booking: { readonly id: string } | null;
}

async function seeThatTheyAgree({ ours, bare }: Contest): Promise<void> {
  const answered = JSON.parse(await ours.ask<string>({ do: 'show' }));
  const shown: readonly Shown[] = answered.data?.slots?.slots ?? assert.fail(JSON.stringify(answered));
  const decoded = shown.map(({ booking, ...slot }) => ({
    ...slot,
    booking: booking && { ...booking, id: Buffer.from(booking.id, 'base64url').toString().split(':')[1] },
  }));
  assert.deepEqual(decoded, JSON.parse(await bare.ask<string>({ do: 'show' })));
}

/** Days asked for at few bookings and at many, by one client and by many, each round of all of them in turn. */
export async function compareDays(contests: readonly Contest[]): Promise<void> {
  const helpers = contests.flatMap(({ ours, bare }) => [ours, bare]);
  // One client alone asks too little for code to become as fast as it will be.
  for (const helper of helpers)
    await helper.ask({ do: 'flood', clients: MOST_CLIENTS, durationMs: WARM_UP_MS });
  for (const { clients, goal } of GOALS) {
    const rates = new Map<Asking, number[]>();
    const costs = new Map<Asking, number[]>();
    for (let round = 0; round < ROUNDS; round += 1)
      for (const helper of helpers) {
        const before = await cpuOf(helper);
        const { answers, seconds } = await helper.ask<Asked>({ do: 'flood', clients, durationMs: ROUND_MS });
        rates.set(helper, [...(rates.get(helper) ?? []), answers / seconds]);
        costs.set(helper, [...(costs.get(helper) ?? []), ((await cpuOf(helper)) - before) / answers]);
      }
    const costOf = (helper: Asking) => percentile(costs.get(helper) ?? [], 0.5).toFixed(2);
    const rateOf = (helper: Asking) => percentile(rates.get(helper) ?? [], 0.5);
    const ratioOf = (a: Asking, b: Asking) =>
      percentile(
        (rates.get(a) ?? []).map((rate, round) => rate / (rates.get(b)?.[round] ?? Number.NaN)),
        0.5,
      );
    for (const { bookings, ours, bare } of contests) {
      const ratio = ratioOf(ours, bare);
      console.log(
        `a day at ${bookings} bookings, ${clients} clients: ${Math.round(rateOf(ours))}/s through GraphQL, ${Math.round(rateOf(bare))}/s without; ratio ${ratio.toFixed(2)} ${atLeast(ratio, goal, '')}; ${costOf(ours)} and ${costOf(bare)} ms of the server’s CPU each`,
      );
    }
    const [few, many] = contests;
    if (!few || !many) continue;
    const growth = ratioOf(many.ours, few.ours);
    console.log(
      `${clients} clients: at ${many.bookings} bookings ${growth.toFixed(2)} of the days a second at ${few.bookings} ${atLeast(growth, GROWTH_GOAL, '')}`,
    );
  }
}

const cpuOf = async ({ server }: Asking): Promise<number> =>
  (await server.ask<Measurement>({ do: 'measure', collect: false })).cpuMs;
