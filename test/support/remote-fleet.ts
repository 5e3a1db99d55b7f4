import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DeviceIdentity } from '../../src/player/device-session.ts';
import type { Fleet, Sight } from './fleet.ts';
import type { FleetOrder, FleetWord } from './fleet-process.ts';

const PROGRAM = fileURLToPath(new URL('./fleet-process.ts', import.meta.url));

/** A fleet whose players are shared out among processes: as many players as one machine has room for. */
export async function startRemoteFleet({
  url,
  identities,
  processes,
  onSight,
}: {
  readonly url: string;
  readonly identities: readonly DeviceIdentity[];
  readonly processes: number;
  readonly onSight: (sight: Sight) => void;
}): Promise<Fleet> {
  const size = Math.ceil(identities.length / processes);
  const parts = await Promise.all(
    Array.from({ length: processes }, (_, part) => {
      const first = part * size;
      return startPart({ url, identities: identities.slice(first, first + size) }, (sight) =>
        onSight({ ...sight, player: first + sight.player }),
      );
    }),
  );
  const order = async (kind: 'ON' | 'OFF', players: readonly number[]) => {
    await Promise.all(
      parts.map((part, at) => {
        const first = at * size;
        const own = players.filter((player) => player >= first && player < first + size);
        return own.length === 0 ? null : part.tell({ kind, players: own.map((player) => player - first) });
      }),
    );
  };
  return {
    switchOn: (players) => order('ON', players),
    switchOff: (players) => order('OFF', players),
    async [Symbol.asyncDispose]() {
      await Promise.all(parts.map((part) => part.end()));
    },
  };
}

async function startPart(
  begin: Omit<Extract<FleetOrder, { readonly kind: 'BEGIN' }>, 'kind'>,
  onSight: (sight: Sight) => void,
) {
  const child = fork(PROGRAM, { execArgv: ['--import', 'tsx'] });
  let settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  child.on('message', (word: FleetWord) => {
    if (word.kind === 'SIGHTS') for (const sight of word.sights) onSight(sight);
    else if (word.kind === 'FAILED') settle?.reject(new Error(word.reason));
    else settle?.resolve();
  });
  const part = {
    /** One order at a time. */
    tell: (order: FleetOrder) =>
      new Promise<void>((resolve, reject) => {
        settle = { resolve, reject };
        child.send(order);
      }),
    async end() {
      const exited = exitOf(child);
      child.disconnect();
      await exited;
    },
  };
  await part.tell({ kind: 'BEGIN', ...begin });
  return part;
}

const exitOf = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null) await once(child, 'exit');
};
