import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { type Part, type PartLog, startPart } from './part.ts';

const STOP_MS = 5_000;

/** A Redis on loopback that keeps nothing, as it does in compose.yaml, and where it is. */
export async function startRedis({
  program,
  folder,
  port,
  log,
}: {
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  readonly log: PartLog;
}): Promise<{ readonly part: Part; readonly url: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Others on this machine reach loopback too. On its standard input nobody sees what it is told.
  const password = randomBytes(24).toString('hex');
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
    'save ""',
    'appendonly no',
    'daemonize no',
  ];
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const part = await startPart(
    {
      name: 'redis',
      command: program,
      args: ['-'],
      input: `${settings.join('\n')}\n`,
      isReady: () => answers(url),
      graceMs: STOP_MS,
    },
    log,
  );
  return { part, url };
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
