import { Socket } from 'node:net';
import type { Measurement } from './protocol.ts';

type Counting = Pick<Measurement, 'writes'> & { writes: number };

/**
 * Counts what is written to sockets of this port: each call of these is one request to the kernel.
 * To be called before the first socket.
 */
export function countWrites(port: () => number): Readonly<Counting> {
  const counted: Counting = { writes: 0 };
  const prototype = Socket.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['_write', '_writev']) {
    const write = prototype[name];
    if (!write) throw new Error(`sockets have no ${name}`);
    prototype[name] = function (this: Socket, ...args: unknown[]) {
      if (this.localPort === port()) counted.writes += 1;
      return write.apply(this, args);
    };
  }
  return counted;
}

/** Of this process, now. */
export function measure(
  { collect }: { readonly collect: boolean },
  { writes, executions }: Pick<Measurement, 'writes' | 'executions'>,
): Measurement {
  if (collect) for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    cpuMs: (user + system) / 1_000,
    heapBytes: heapUsed + external,
    rssBytes: rss,
    executions,
    writes,
  };
}
