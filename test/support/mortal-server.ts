import { ROOM_FOR_A_CROWD } from './room.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A server that is killed and started anew on one database and one folder. It moves: each life has a port of its own. */
export interface MortalServer {
  /** Of the present life, or of the last one while there is none. */
  readonly url: string;
  readonly webSocketUrl: string;
  /** SIGKILL, and a new life, which answers when this resolves. */
  kill(): Promise<void>;
  /** For good, and in order: a database of its own goes too. */
  stop(): Promise<void>;
}

export async function startMortalServer(environment: Record<string, string>): Promise<MortalServer> {
  const live = async (): Promise<ServerProcess> => {
    const server = await startServerProcess({ ...ROOM_FOR_A_CROWD, ...environment });
    if (!server.url) throw new Error(`The server did not start: ${server.stderr()}`);
    return server;
  };
  let server = await live();
  const end = async (signal: NodeJS.Signals) => {
    server.process.kill(signal);
    await server.exited;
  };
  return {
    get url() {
      return server.url;
    },
    get webSocketUrl() {
      return `${server.url.replace(/^http/, 'ws')}/graphql`;
    },
    async kill() {
      await end('SIGKILL');
      server = await live();
    },
    stop: () => end('SIGTERM'),
  };
}
