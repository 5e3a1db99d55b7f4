import { createFloorClient } from '../client/floor-client.ts';
import type { Fetch } from '../client/http.ts';
import { SYSTEM_TIMERS, type Timers } from '../client/timers.ts';
import { executeCommand } from './command.ts';
import { createCommandDesk } from './command-desk.ts';
import { createPlayerDesk } from './desk.ts';
import { createDeviceSession, type DeviceIdentity } from './device-session.ts';
import { APPLIED, type PlayerUpdate, STATUS } from './documents.ts';
import { followPlayer, type OnFault } from './following.ts';
import { startHeartbeat } from './heartbeat.ts';
import { type Kept, readKept, writeKept } from './kept.ts';
import { whyNotShown } from './layout.ts';
import type { PlayerMemory } from './memory.ts';
import { createNewestSender } from './newest.ts';
import { createStage, type Stage } from './stage.ts';

export interface PlayerOptions {
  /** The GraphQL endpoint, as in `http://127.0.0.1:8000/graphql`. */
  readonly url: string;
  readonly identity: DeviceIdentity;
  readonly memory: PlayerMemory;
  /** What it says of itself with each heartbeat. */
  readonly health: () => PlayerHealth;
  /** Where there is no `WebSocket`: that of `ws`. */
  readonly webSocketImpl?: unknown;
  readonly fetch?: Fetch;
  readonly timers?: Timers;
  /** Told whenever it looks otherwise, or is connected or not. */
  readonly onChange?: () => void;
  readonly onFault?: OnFault;
}

export interface PlayerHealth {
  readonly uptimeSeconds: number;
  /** Without blanks. */
  readonly softwareVersion: string;
}

/** A screen in software: it shows what it is told, and says so. */
export interface Player extends AsyncDisposable {
  readonly stage: Stage;
  readonly isConnected: boolean;
}

/**
 * Shows what it showed last, connects, and goes on until it is disposed of: through cuts and restarts of the server,
 * and when its session is over.
 *
 * @throws what keeps its memory from being read
 */
export async function startPlayer(options: PlayerOptions): Promise<Player> {
  const { url, identity, memory, timers = SYSTEM_TIMERS, onChange = () => {}, onFault = () => {} } = options;
  const fetch: Fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const onError = (error: unknown) => onFault(error, { isFinal: false });
  let kept = readKept(await memory.load());
  const keep = (change: Partial<Kept>): Promise<void> => {
    kept = { ...kept, ...change };
    return memory.save(writeKept(kept)).catch(onError);
  };
  const stage = createStage(identity.deviceNumber);
  stage.switch(kept.isOn);
  if (kept.shown) stage.show(BigInt(kept.shown.displayVersion), kept.shown.layout);
  const session = createDeviceSession({
    url,
    identity,
    tokens: kept.tokens,
    onTokens: (tokens) => void keep({ tokens }),
    fetch,
    timers,
  });
  const client = createFloorClient({
    url,
    token: session.token,
    webSocketImpl: options.webSocketImpl,
    fetch,
    timers,
  });
  const desk = createPlayerDesk({ client, session });

  const applied = createNewestSender<Applied>(
    async ({ displayVersion, failure }) => {
      await desk.ask('reportLayoutApplied', {
        query: APPLIED,
        variables: { input: { displayVersion, failure } },
      });
    },
    { timers, onError },
  );
  const heartbeat = startHeartbeat(
    async () => {
      const { uptimeSeconds, softwareVersion } = options.health();
      const { heartbeatSeconds } = await desk.ask<{ readonly heartbeatSeconds: number }>(
        'reportDeviceStatus',
        {
          query: STATUS,
          variables: { input: { uptime: `PT${uptimeSeconds}S`, softwareVersion } },
        },
      );
      return heartbeatSeconds * 1_000;
    },
    { timers, onError },
  );

  const commands = createCommandDesk({
    desk,
    timers,
    execute(command) {
      const { health } = options;
      const outcome = executeCommand(command, {
        stage,
        health,
        reconnect: client.reconnect,
        nowMs: () => Date.now(),
      });
      if (stage.isOn !== kept.isOn) void keep({ isOn: stage.isOn });
      onChange();
      return outcome;
    },
    tasks: kept.tasks,
    onTasks: (tasks) => keep({ tasks }),
    onError,
  });

  function showLayout({
    displayVersion,
    layout,
  }: Extract<PlayerUpdate, { __typename: 'LayoutPushed' }>): void {
    const failure = layout && whyNotShown(layout);
    // It goes on showing what it can.
    if (failure === null && stage.show(BigInt(displayVersion), layout)) {
      void keep({ shown: { displayVersion, layout } });
      onChange();
    }
    if (displayVersion !== NEVER) applied.give({ displayVersion, failure });
  }

  function hear(update: PlayerUpdate): void {
    if (update.__typename === 'LayoutPushed') showLayout(update);
    else if (update.__typename === 'DeviceCommandIssued') {
      if (update.command) commands.hear(update.command);
    } else if (update.__typename === 'BoundValueChanged') {
      const { displayVersion, regionIds, value } = update;
      if (stage.put(BigInt(displayVersion), regionIds, value)) onChange();
    }
  }

  const stopHearingStatus = client.onStatus(({ state }) => {
    if (state === 'connected') {
      heartbeat.beat();
      applied.hurry();
      commands.hurry();
    }
    onChange();
  });
  const stopFollowing = followPlayer({ client, session, timers, hear, onFault });
  return {
    stage,
    get isConnected() {
      return client.status.state === 'connected' || client.status.state === 'fallback';
    },
    async [Symbol.asyncDispose]() {
      stopFollowing();
      stopHearingStatus();
      heartbeat.stop();
      applied.stop();
      commands.stop();
      client.dispose();
      await memory.save(writeKept(kept)).catch(onError);
    },
  };
}

/** The version of a display that never was to show anything: there is nothing to answer. */
const NEVER = '0';

/** What is said of a layout that was pushed. */
interface Applied {
  readonly displayVersion: string;
  /** Null: it is shown. */
  readonly failure: string | null;
}
