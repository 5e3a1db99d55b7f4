import { afterAll } from 'vitest';
import { WebSocket } from 'ws';
import type { Fetch } from '../../src/client/http.ts';
import type { Timers } from '../../src/client/timers.ts';
import type { FileShelf } from '../../src/player/file-shelf.ts';
import { type PlayerMemory, volatileMemory } from '../../src/player/memory.ts';
import { type Player, startPlayer } from '../../src/player/player.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import type { FloorApp } from './app.ts';
import { eventually } from './deadline.ts';
import { fastTimers } from './fast-timers.ts';
import { type FlakyProxy, flakyProxy } from './flaky-proxy.ts';
import type { Screen } from './screen.ts';

/** Players of a floor's screens, behind a way that can be cut. */
export interface Players {
  readonly proxy: FlakyProxy;
  /** With timers that take a hundredth of the time, unless it is told otherwise. */
  play(screen: Pick<Screen, 'credentials'>, options?: PlayOptions): Promise<Player>;
  /** Ends all of them; the way is open again. */
  end(): Promise<void>;
}

export interface PlayOptions {
  readonly memory?: PlayerMemory;
  readonly shelf?: FileShelf;
  readonly timers?: Timers;
  readonly fetch?: Fetch;
  /** Told of what nothing helps against. */
  readonly faults?: unknown[];
}

export async function playersOf(floor: FloorApp): Promise<Players> {
  const proxy = await flakyProxy(() => Number(new URL(floor.app().url).port));
  const playing: Player[] = [];
  const end = async () => {
    proxy.block();
    await Promise.all(playing.splice(0).map((player) => player[Symbol.asyncDispose]()));
  };
  afterAll(async () => {
    await end();
    await proxy[Symbol.asyncDispose]();
  });
  return {
    proxy,
    end,
    async play({ credentials }, { memory = volatileMemory(), faults = [], ...options } = {}) {
      const player = await startPlayer({
        timers: fastTimers(),
        ...options,
        url: `${proxy.url}/graphql`,
        identity: { venue: 'casino', ...credentials },
        memory,
        health: () => ({ uptimeSeconds: 1, softwareVersion: 'test' }),
        webSocketImpl: WebSocket,
        onFault: (error, { isFinal }) => void (isFinal && faults.push(error)),
      });
      playing.push(player);
      return player;
    },
  };
}

/** Timers in a hurry, by a clock that is right: the server takes no plays from the future. */
export const hurriedTimers = (): Timers => ({ ...fastTimers(), now: () => Date.now() });

export const pictureOf = ({ stage }: Player, atMs = 0): string =>
  stage.draw({ width: 40, height: 10 }, atMs).join('\n');

/** Until this is to be seen on it. */
export const shows = (player: Player, text: string): Promise<unknown> =>
  eventually(() => pictureOf(player).includes(text));

/** What is on record of a screen, once it says it shows what it shall. */
export const upToDate = (floor: FloorApp, { deviceId }: Screen) =>
  eventually(async () => {
    const [display] = await findDisplays(floor.app().services.db, floor.venueId, [deviceId]);
    return display?.applied?.version === display?.version && !display?.failed && display;
  });
