/**
 * What a day of slots costs through the API, each with its booking and who booked it, next to a bare handler that
 * writes what one statement answers; whether a million bookings make it dearer; and how soon a thousand who watch a
 * day see it change, by how many reads.
 *
 * A server has one core, PostgreSQL and the clients have the others; so has the bare handler.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../src/db/embedded.ts';
import { addDays } from '../src/lib/calendar.ts';
import { Running } from '../src/lib/running.ts';
import { isPinned, pinOthers } from './fanout/ipc.ts';
import { compareDays, openContest } from './slots/contest.ts';
import { fillHall } from './slots/hall.ts';
import { measureWatching } from './slots/watching.ts';
import { createBank } from './wallet/bank.ts';

const SIZES = [1_000, 1_000_000];
/** Who books, in turn. */
const PLAYERS = 24;

execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/prepare.js', import.meta.url))]);
if (isPinned) pinOthers();
await using running = new Running();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
running.add({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
const { connection: cluster } = running.add(await startEmbedded({ dataDir: folder }));

console.log(`load before: ${loadavg()[0]?.toFixed(1)}`);
await compare();
await watch();

async function compare(): Promise<void> {
  await using contestants = new Running();
  const contests = [];
  for (const bookings of SIZES) {
    const bank = running.add(
      await createBank(cluster, { name: `hall_${bookings}`, folder, wallets: PLAYERS }),
    );
    const days = await fillHall(bank, bookings);
    contests.push(await openContest(contestants, { bank, days, bookings }));
  }
  await compareDays(contests);
}

async function watch(): Promise<void> {
  const bank = running.add(await createBank(cluster, { name: 'watched', folder, wallets: PLAYERS }));
  // Up to the end of tomorrow all is booked: the day after is free.
  const [day] = await fillHall(bank, 1_000);
  if (!day) throw new Error('nothing is booked');
  await measureWatching(bank, { ...day, date: addDays(day.date, 1) });
}
