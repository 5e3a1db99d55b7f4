import { WebSocket } from 'ws';
import type { DeviceIdentity } from '../../src/player/device-session.ts';
import { type PlayerMemory, volatileMemory } from '../../src/player/memory.ts';
import { type Player, startPlayer } from '../../src/player/player.ts';

/** Something that a player shows from an instant on. */
export interface Sight {
  /** Which player, by its place in the fleet. */
  readonly player: number;
  readonly displayVersion: string;
  readonly layout: string | null;
  /** What it shows in its live regions, as JSON. */
  readonly values: string;
  readonly atMs: number;
}

/** Players of the terminal player's core, many in one process. */
export interface Fleet extends AsyncDisposable {
  /** Each with what it remembers from when it was on before. */
  switchOn(players: readonly number[]): Promise<void>;
  switchOff(players: readonly number[]): Promise<void>;
}

/** @param onSight told whenever a player shows something else */
export function createFleet({
  url,
  identities,
  onSight,
}: {
  readonly url: string;
  readonly identities: readonly DeviceIdentity[];
  readonly onSight: (sight: Sight) => void;
}): Fleet {
  const memories: readonly PlayerMemory[] = identities.map(() => volatileMemory());
  const on = new Map<number, Player>();

  async function start(at: number): Promise<void> {
    const [identity, memory] = [identities[at], memories[at]];
    if (!identity || !memory || on.has(at)) return;
    let player: Player | null = null;
    let seen = '';
    const look = () => {
      if (!player) return;
      const { layout, displayVersion } = player.stage;
      const values = JSON.stringify(
        layout?.regions.map(({ regionId }) => player?.stage.valueOf(regionId) ?? null) ?? [],
      );
      const sight = { displayVersion: String(displayVersion), layout: layout?.name ?? null, values };
      if (JSON.stringify(sight) === seen) return;
      seen = JSON.stringify(sight);
      onSight({ player: at, ...sight, atMs: performance.timeOrigin + performance.now() });
    };
    player = await startPlayer({
      url,
      identity,
      memory,
      health: () => ({ uptimeSeconds: 0, softwareVersion: 'fleet' }),
      webSocketImpl: WebSocket,
      onChange: look,
    });
    on.set(at, player);
    look();
  }

  async function stop(at: number): Promise<void> {
    const player = on.get(at);
    on.delete(at);
    await player?.[Symbol.asyncDispose]();
  }

  return {
    async switchOn(players) {
      await Promise.all(players.map(start));
    },
    async switchOff(players) {
      await Promise.all(players.map(stop));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...on.keys()].map(stop));
    },
  };
}
