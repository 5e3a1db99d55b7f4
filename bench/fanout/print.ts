import { percentile } from '../percentile.ts';
import { CONTESTANTS, type Contestant, type ContestantName } from './contestant.ts';
import { BURST, type Flood, type Pace } from './runs.ts';

/** Of PERFORMANCE.md, to the bound. */
export interface Goals {
  readonly deliveries: number | null;
  readonly cpu: number;
}

export interface Figures {
  readonly contestant: Contestant;
  readonly floods: Flood[];
  readonly paced: Pace;
  readonly burstWrites: number | null;
}

const MEMORY_GOAL = 1.6;
const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

export function printFigures(
  title: string,
  { goals, figures }: { readonly goals: Goals; readonly figures: ReadonlyMap<ContestantName, Figures> },
): void {
  console.log(title);
  for (const name of CONTESTANTS) {
    const found = figures.get(name);
    if (!found) continue;
    const { contestant, paced, burstWrites, floods } = found;
    const median = (of: (each: Flood) => number) => percentile(floods.map(of), 0.5);
    const executions = floods.at(-1)?.executionsPerEvent ?? null;
    const parts = [
      `${Math.round(median((each) => each.deliveriesPerSecond))} deliveries/s`,
      `${median((each) => each.cpuMicros).toFixed(2)} µs CPU each (paced ${paced.cpuMicros.toFixed(2)})`,
      `p50 ${paced.p50Ms.toFixed(1)} ms p99 ${paced.p99Ms.toFixed(1)} ms`,
      `${kib(contestant.memoryPerSocket.heapBytes)} KiB heap and ${kib(contestant.memoryPerSocket.rssBytes)} KiB RSS per socket`,
      executions === null ? null : `${executions.toFixed(2)} executions per event`,
      burstWrites === null ? null : `${burstWrites.toFixed(2)} writes per socket for ${BURST} events`,
    ];
    console.log(`  ${name.padEnd(10)} ${parts.filter((part) => part !== null).join('   ')}`);
  }
  printRatios(figures, goals);
}

function printRatios(figures: ReadonlyMap<ContestantName, Figures>, goals: Goals): void {
  const [bound, ofLog] = [figures.get('ws'), figures.get('ws-log')];
  for (const name of CONTESTANTS.filter((each) => each !== 'ws')) {
    const found = figures.get(name);
    if (!found || !bound) continue;
    const isOurs = name === 'floorwire';
    const ratio = (of: (each: Figures) => readonly number[], to = bound) =>
      percentile(
        of(found).map((figure, at) => figure / (of(to)[at] ?? Number.NaN)),
        0.5,
      ).toFixed(2);
    const cpu = ({ floods }: Figures) => floods.map((each) => each.cpuMicros);
    const goal = (text: string | null) => (isOurs && text !== null ? ` (goal ${text})` : '');
    console.log(
      `  ${name} to ws: deliveries ${ratio(({ floods }) => floods.map((each) => each.deliveriesPerSecond))}${goal(goals.deliveries === null ? null : `≥ ${goals.deliveries}`)}` +
        `, CPU per message ${ratio(cpu)}${goal(`≤ ${goals.cpu}`)}${isOurs && ofLog ? `, to ws-log ${ratio(cpu, ofLog)}` : ''}` +
        `, paced ${ratio(({ paced }) => [paced.cpuMicros])}` +
        `, memory ${ratio(({ contestant }) => [contestant.memoryPerSocket.rssBytes])}${goal(`≤ ${MEMORY_GOAL}`)}` +
        `, of it heap ${ratio(({ contestant }) => [contestant.memoryPerSocket.heapBytes])}`,
    );
  }
}
