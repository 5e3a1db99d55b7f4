/**
 * What a transfer costs through the API, next to the same function of the database called without it, side by
 * side in one PostgreSQL; how soon a follower sees it; and whether a million entries make it dearer.
 *
 * Each has a database of its own in that PostgreSQL, and its own sequencer and tail run in it. The server has
 * one core, PostgreSQL and the clients have the others; so has who calls the database himself.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../src/db/embedded.ts';
import { Running } from '../src/lib/running.ts';
import { isPinned, pinOthers } from './fanout/ipc.ts';
import { percentile } from './percentile.ts';
import { createBank } from './wallet/bank.ts';
import { measureGrowth } from './wallet/growth.ts';
import type { Flooded, Paced, Spread } from './wallet/protocol.ts';
import { openDirect, openServer, type Teller } from './wallet/teller.ts';

const CASES: readonly { readonly spread: Spread; readonly clients: number; readonly goal: number }[] = [
  { spread: 'SPREAD', clients: 8, goal: 0.65 },
  { spread: 'SPREAD', clients: 32, goal: 1.4 },
  { spread: 'HOT', clients: 8, goal: 1.2 },
  { spread: 'HOT', clients: 32, goal: 6 },
];
const TITLES: Readonly<Record<Spread, string>> = { SPREAD: 'over 1 000 wallets', HOT: 'on one hot wallet' };
const WALLETS = 1_000;
const ROUNDS = 5;
const ROUND_MS = 3_000;
const PACE_MS = 10_000;

execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/prepare.js', import.meta.url))]);
if (isPinned) pinOthers();
await using running = new Running();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
running.add({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
const { connection: cluster } = running.add(await startEmbedded({ dataDir: folder }));

await compare();
await measureGrowth(cluster, folder);

async function compare(): Promise<void> {
  const [ours, bound] = [
    await openServer(running, await createBank(cluster, { name: 'ours', folder, wallets: WALLETS })),
    await openDirect(running, await createBank(cluster, { name: 'bound', folder, wallets: WALLETS })),
  ];
  const tellers = [ours, bound];
  const made = new Map<Teller, number>();
  const count = (teller: Teller, transfers: number) => made.set(teller, (made.get(teller) ?? 0) + transfers);
  let calm = 0;
  for (const { spread, clients, goal } of CASES) {
    const rates = new Map<Teller, number[]>(tellers.map((teller) => [teller, []]));
    for (const teller of tellers) {
      const warmUp = { do: 'flood', spread, clients, durationMs: ROUND_MS / 2 } as const;
      count(teller, (await teller.ask<Flooded>(warmUp)).transfers);
    }
    // In turn: what disturbs the machine meanwhile disturbs both.
    for (let round = 0; round < ROUNDS; round += 1)
      for (const teller of tellers) {
        const command = { do: 'flood', spread, clients, durationMs: ROUND_MS } as const;
        const { transfers, seconds } = await teller.ask<Flooded>(command);
        count(teller, transfers);
        rates.get(teller)?.push(transfers / seconds);
      }
    const of = (teller: Teller) => rates.get(teller) ?? [];
    const ratios = of(ours).map((rate, round) => rate / (of(bound)[round] ?? Number.NaN));
    const [median, ratio] = [percentile(of(ours), 0.5), percentile(ratios, 0.5)];
    if (spread === 'SPREAD' && clients === 8) calm = median / 2;
    console.log(
      `transfers ${TITLES[spread]}, ${clients} clients: ${Math.round(median)}/s through GraphQL, ${Math.round(percentile(of(bound), 0.5))}/s without; ratio ${ratio.toFixed(2)} (goal ≥ ${goal}; ${ratios.map((each) => each.toFixed(2)).join(' ')})`,
    );
    for (const teller of tellers) await teller.bank.verify(made.get(teller) ?? 0);
  }
  const { transfers, p50Ms, p99Ms } = await ours.ask<Paced>({
    do: 'pace',
    perSecond: calm,
    durationMs: PACE_MS,
  });
  count(ours, transfers);
  await ours.bank.verify(made.get(ours) ?? 0);
  console.log(
    `balance frames at ${Math.round(calm)} transfers/s, from the request on: p50 ${p50Ms.toFixed(1)} ms p99 ${p99Ms.toFixed(1)} ms (goal p99 ≤ 50 ms)`,
  );
  console.log(
    `the books add up: ${[...made.values()].join(' and ')} transfers were acknowledged, each is there once`,
  );
}
