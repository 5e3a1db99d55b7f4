import { createFloorClient } from '../client/floor-client.ts';
import type { Fetch } from '../client/http.ts';
import type { SessionTokens } from '../client/session.ts';
import { SYSTEM_TIMERS, type Timers } from '../client/timers.ts';
import { executeCommand } from './command.ts';
import { createCommandDesk } from './command-desk.ts';
import { createPlayerDesk, type PlayerDesk } from './desk.ts';
import { createDeviceSession, type DeviceIdentity } from './device-session.ts';
import { APPLIED, DISPLAY, type DisplayAnswer, type PlayerUpdate, STATUS } from './documents.ts';
import { download, type WantedFile } from './download.ts';
import { type FileShelf, volatileShelf } from './file-shelf.ts';
import { createFirmwareDesk } from './firmware-desk.ts';
import { followPlayer, type OnFault } from './following.ts';
import { startHeartbeat } from './heartbeat.ts';
import { type Kept, readKept, writeKept } from './kept.ts';
import { createLibrary } from './library.ts';
import type { PlayerMemory } from './memory.ts';
import { createNewestSender, type NewestSender } from './newest.ts';
import { createPlayDesk } from './play-desk.ts';
import { createPlayLog } from './play-log.ts';
import { type Applied, createShow } from './show.ts';
import { createStage, type Stage } from './stage.ts';

export interface PlayerOptions {
  /** The GraphQL endpoint, as in `http://127.0.0.1:8000/graphql`. */
  readonly url: string;
  readonly identity: DeviceIdentity;
  readonly memory: PlayerMemory;
  /** Where it keeps the files of media and firmware; without it only whether they came. */
  readonly shelf?: FileShelf;
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

/** A screen in software: it shows what it is told, and says so. Its instants are those of its timers. */
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
  const { shelf = volatileShelf(), health } = options;
  const fetch: Fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const onError = (error: unknown) => onFault(error, { isFinal: false });
  const newId = () => crypto.randomUUID();
  let kept = readKept(await memory.load());
  const keep = (change: Partial<Kept>): Promise<void> => {
    kept = { ...kept, ...change };
    return memory.save(writeKept(kept)).catch(onError);
  };
  const { webSocketImpl } = options;
  const onTokens = (tokens: SessionTokens) => void keep({ tokens });
  const session = createDeviceSession({ url, identity, tokens: kept.tokens, onTokens, fetch, timers });
  const client = createFloorClient({ url, token: session.token, webSocketImpl, fetch, timers });
  const desk = createPlayerDesk({ client, session });
  const reports = { timers, onError };

  const fetchFile = (file: WantedFile, signal: AbortSignal) =>
    download(file, { fetch, shelf, timers, signal });
  const library = createLibrary({
    shelf,
    fetchFile,
    others: () => firmware.files(),
    onChange: look,
    onError,
  });
  const stage = createStage(identity.deviceNumber, library.stateOf);
  const applied = createNewestSender<Applied>((input) => reportApplied(desk, input), reports);
  const show = createShow({
    stage,
    library,
    timers,
    onShown(shown) {
      void keep({ shown });
      look();
    },
    onApplied: applied.give,
    readAnew: () => reading.give(null),
  });
  let pushes = 0;
  /** Asks for what shall be shown, with what is in it now; again when something was pushed meanwhile. */
  const reading: NewestSender<null> = createNewestSender(async () => {
    const before = pushes;
    const { device } = await desk.ask<DisplayAnswer>('viewer', { query: DISPLAY });
    if (pushes !== before) return reading.give(null);
    const { displayVersion, desired } = device?.display ?? {};
    if (displayVersion !== undefined) show.give({ displayVersion, layout: desired ?? null });
  }, reports);

  const heartbeat = startHeartbeat(
    () => reportStatus(desk, { ...health(), firmwareVersion: kept.firmware?.version ?? null }),
    reports,
  );
  const firmware = createFirmwareDesk({
    desk,
    timers,
    fetchFile,
    installed: kept.firmware,
    async onInstalled(installed) {
      await keep({ firmware: installed });
      heartbeat.beat();
    },
    onError,
  });
  const commands = createCommandDesk({
    desk,
    timers,
    execute(command) {
      const outcome = executeCommand(command, {
        stage,
        health,
        reload() {
          library.doubt();
          client.reconnect();
        },
        nowMs: timers.now,
      });
      if (stage.isOn !== kept.isOn) void keep({ isOn: stage.isOn });
      look();
      return outcome;
    },
    tasks: kept.tasks,
    onTasks: (tasks) => keep({ tasks }),
    onError,
  });
  const log = createPlayLog(newId);
  const plays = createPlayDesk({
    desk,
    timers,
    newId,
    waiting: kept.plays,
    onWaiting: (waiting) => void keep({ plays: waiting }),
    onError,
  });

  let cancelLook = () => {};
  /** After whatever may have changed what is on the screen, and whenever that changes by itself. */
  function look(): void {
    cancelLook();
    const nowMs = timers.now();
    plays.add(log.note(stage.showings(nowMs), nowMs));
    const dueMs = [stage.changesAt(nowMs), log.dueAt()].flatMap((atMs) => atMs ?? []);
    if (dueMs.length > 0) cancelLook = timers.after(Math.max(Math.min(...dueMs) - nowMs, 1), look);
    onChange();
  }

  function hear(update: PlayerUpdate): void {
    if (update.__typename === 'LayoutPushed') {
      pushes += 1;
      show.give(update);
    } else if (update.__typename === 'ContentChanged') reading.give(null);
    else if (update.__typename === 'FirmwareOffered') {
      if (update.deployment) firmware.hear(update.deployment);
    } else if (update.__typename === 'DeviceCommandIssued') {
      if (update.command) commands.hear(update.command);
    } else if (update.__typename === 'BoundValueChanged') {
      const { displayVersion, regionIds, value } = update;
      if (stage.put(BigInt(displayVersion), regionIds, value)) onChange();
    }
  }

  stage.switch(kept.isOn);
  if (kept.shown) show.restore(kept.shown);
  look();
  const senders = [applied, reading, commands, plays];
  const stopHearingStatus = client.onStatus(({ state }) => {
    if (state === 'connected' || state === 'fallback') {
      heartbeat.beat();
      for (const sender of senders) sender.hurry();
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
      cancelLook();
      // What it has not told by now it tells when it is switched on again.
      plays.add(log.note([], timers.now()));
      for (const each of [...senders, heartbeat, firmware, show, library]) each.stop();
      client.dispose();
      await memory.save(writeKept(kept)).catch(onError);
    },
  };
}

async function reportApplied(desk: PlayerDesk, input: Applied): Promise<void> {
  await desk.ask('reportLayoutApplied', { query: APPLIED, variables: { input } });
}

/** Gives how long to wait until the next, in milliseconds. */
async function reportStatus(
  desk: PlayerDesk,
  { uptimeSeconds, ...versions }: PlayerHealth & { readonly firmwareVersion: string | null },
): Promise<number> {
  const input = { uptime: `PT${uptimeSeconds}S`, ...versions };
  const { heartbeatSeconds } = await desk.ask<{ readonly heartbeatSeconds: number }>('reportDeviceStatus', {
    query: STATUS,
    variables: { input },
  });
  return heartbeatSeconds * 1_000;
}
