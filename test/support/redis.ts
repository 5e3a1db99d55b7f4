import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { onTestFinished, type TestContext } from 'vitest';
import { requires } from './requires.ts';

/** A Redis that keeps nothing on disk, on a port of its own; it is not started yet. */
export interface TestRedis {
  readonly url: string;
  start(): void;
  /** Without a word to its clients. */
  kill(): Promise<void>;
  /** It takes connections and commands, and answers nothing until `goOn`. */
  hang(): void;
  goOn(): void;
}

/** Ends with the test. Where no Redis is installed, the test is skipped. */
export async function aRedis(context: TestContext, onPort?: number): Promise<TestRedis> {
  const program = requires('redis-server', context);
  const port = onPort ?? (await freePort());
  let running: ChildProcess | null = null;
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    start() {
      const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      running = spawn(program, options, { stdio: 'ignore' });
    },
    async kill() {
      const ending = running;
      running = null;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = once(ending, 'exit');
      ending.kill('SIGKILL');
      await ended;
    },
    hang: () => void running?.kill('SIGSTOP'),
    goOn: () => void running?.kill('SIGCONT'),
  };
  onTestFinished(() => redis.kill());
  return redis;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
