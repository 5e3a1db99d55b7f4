/**
 * What a delivery costs: a bare broadcast by `ws` of the same bytes, plain Yoga with graphql-ws, and
 * floorwire, side by side. Servers have one core, everything else has the others.
 *
 * floorwire's events are written by another process and come through the log; the others are handed
 * theirs in memory. So its latency counts transaction, sequencer and tail, and its CPU reading the log.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Running } from '../src/lib/running.ts';
import {
  CONTESTANTS,
  type ContestantName,
  EARLY_SOCKETS,
  type Round,
  startContestant,
} from './fanout/contestant.ts';
import { createFloor } from './fanout/floor.ts';
import { isPinned, pinOthers } from './fanout/ipc.ts';
import { type Figures, type Goals, printFigures } from './fanout/print.ts';
import { flood, pace, writesOfBurst } from './fanout/runs.ts';

const CASES: readonly (Round & { readonly title: string; readonly goals: Goals })[] = [
  {
    title: '1 000 subscribers of one operation',
    sockets: 1_000,
    isPrivate: false,
    goals: { deliveries: 1, cpu: 1 },
  },
  {
    title: '5 000 subscribers of one operation',
    sockets: 5_000,
    isPrivate: false,
    goals: { deliveries: 1.2, cpu: 1 },
  },
  {
    title: '1 000 subscribers of a machine each',
    sockets: 1_000,
    isPrivate: true,
    goals: { deliveries: null, cpu: 1.1 },
  },
];
const ROUNDS = 3;
const FLOOD_MS = 2_000;
const PACE_MS = 5_000;
const PACE_PUBLIC = 10_000;
const PACE_PRIVATE = 500;

execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/prepare.js', import.meta.url))]);
if (isPinned) pinOthers();
for (const each of CASES) await compare(each);

async function compare({ title, goals, ...round }: (typeof CASES)[number]): Promise<void> {
  await using running = new Running();
  const open = async () => {
    const floor = running.add(await createFloor());
    return {
      floor,
      machineIds: await floor.addMachines(round.isPrivate ? round.sockets + EARLY_SOCKETS : 1),
    };
  };
  const shared = await open();
  const figures = new Map<ContestantName, Figures>();
  for (const name of CONTESTANTS) {
    // A log of its own: the other who follows one would be told its events too.
    const place = name === 'ws-log' ? await open() : shared;
    const contestant = running.add(await startContestant(name, round, place));
    const paced = await pace(contestant, {
      deliveriesPerSecond: round.isPrivate ? PACE_PRIVATE : PACE_PUBLIC,
      durationMs: PACE_MS,
    });
    const burstWrites = round.isPrivate ? null : await writesOfBurst(contestant);
    figures.set(name, { contestant, floods: [], paced, burstWrites });
  }
  // In turn: what disturbs the machine meanwhile disturbs them all.
  for (let turn = 0; turn < ROUNDS; turn += 1)
    for (const { contestant, floods } of figures.values()) floods.push(await flood(contestant, FLOOD_MS));
  printFigures(`fan-out to ${title}, medians of ${ROUNDS} rounds`, { goals, figures });
}
