import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../percentile.ts';
import type { Contestant } from './contestant.ts';
import { nowMs } from './protocol.ts';

/** Handed over at once: as many events as a tail reads when the floor is busy. */
export const BURST = 8;
/** Bursts on their way at a time. */
const WINDOW = 4;
const SAMPLED_SOCKETS = 50;

export interface Flood {
  readonly deliveriesPerSecond: number;
  /** Of the server, per frame that arrived. */
  readonly cpuMicros: number;
  readonly executionsPerEvent: number | null;
}

/** As fast as it goes for so long. */
export async function flood(contestant: Contestant, durationMs: number): Promise<Flood> {
  const { sockets, isPrivate } = contestant.round;
  const topics = isPrivate ? Array.from({ length: sockets }, (_, at) => at) : Array(BURST).fill(0);
  const framesPerBatch = isPrivate ? sockets : BURST * sockets;
  await contestant.reset();
  const before = await contestant.measure();
  const started = nowMs();
  const arriving: Promise<void>[] = [];
  let batches = 0;
  while (nowMs() - started < durationMs) {
    if (arriving.length >= WINDOW) await arriving.shift();
    await contestant.publish(topics);
    batches += 1;
    arriving.push(contestant.expect(batches * framesPerBatch));
  }
  await Promise.all(arriving);
  const seconds = (nowMs() - started) / 1_000;
  const after = await contestant.measure();
  const { frames, closed } = await contestant.count();
  if (frames !== batches * framesPerBatch || closed > 0)
    throw new Error(`${contestant.name}: ${frames} frames, ${closed} sockets closed`);
  const events = batches * topics.length;
  return {
    deliveriesPerSecond: frames / seconds,
    cpuMicros: ((after.cpuMs - before.cpuMs) * 1_000) / frames,
    executionsPerEvent:
      after.executions === null ? null : (after.executions - (before.executions ?? 0)) / events,
  };
}

export interface Pace {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
}

/** One event at a time, or of private topics one for each of a few, at a rate that leaves everybody time. */
export async function pace(
  contestant: Contestant,
  { deliveriesPerSecond, durationMs }: { readonly deliveriesPerSecond: number; readonly durationMs: number },
): Promise<Pace> {
  const { sockets, isPrivate } = contestant.round;
  const intervalMs = isPrivate ? 20 : (sockets / deliveriesPerSecond) * 1_000;
  const atOnce = isPrivate ? Math.round((deliveriesPerSecond * intervalMs) / 1_000) : 1;
  await contestant.reset({ sampled: SAMPLED_SOCKETS });
  const before = await contestant.measure();
  const started = nowMs();
  /** Of each topic: when its events were handed over. */
  const published = new Map<number, number[]>();
  let due = 0;
  let events = 0;
  for (let turn = 0; nowMs() - started < durationMs; turn += 1) {
    await pause(Math.max(0, started + turn * intervalMs - nowMs()));
    const topics = isPrivate ? Array.from({ length: atOnce }, (_, at) => (events + at) % sockets) : [0];
    const { at } = await contestant.publish(topics);
    for (const topic of topics) published.set(topic, [...(published.get(topic) ?? []), at]);
    events += topics.length;
    due += isPrivate ? topics.length : sockets;
  }
  await contestant.expect(due);
  const after = await contestant.measure();
  const { arrivals, frames } = await contestant.count();
  const latencies = arrivals.flatMap((times, socket) => {
    const sent = published.get(isPrivate ? socket : 0) ?? [];
    return times.map((time, at) => time - (sent[at] ?? Number.NaN));
  });
  return {
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMicros: ((after.cpuMs - before.cpuMs) * 1_000) / frames,
  };
}

/** Writes to each socket for one burst of events. */
export async function writesOfBurst(contestant: Contestant): Promise<number> {
  const { sockets } = contestant.round;
  await contestant.reset();
  const before = await contestant.measure();
  await contestant.publish(Array(BURST).fill(0));
  await contestant.expect(BURST * sockets);
  const after = await contestant.measure();
  return (after.writes - before.writes) / sockets;
}
