import { once } from 'node:events';
import { WebSocket } from 'ws';
import { readVersion } from '../lib/package-folder.ts';
import { folderShelf, volatileShelf } from '../player/file-shelf.ts';
import { fileMemory, volatileMemory } from '../player/memory.ts';
import { type Player, startPlayer } from '../player/player.ts';
import { createTerminal } from '../player/terminal.ts';
import { CommandError } from './command-error.ts';
import { endpointOf } from './endpoint.ts';

export interface PlayerCommandOptions {
  readonly url?: string | undefined;
  readonly venue?: string | undefined;
  readonly device?: string | undefined;
  readonly serial?: string | undefined;
  readonly code?: string | undefined;
  /** A file in which it remembers what it showed; the media that it showed are in a folder beside it. */
  readonly state?: string | undefined;
}

/** What a live region shows changes faster than anybody reads. */
const FRAME_MS = 50;

/** A screen in this terminal, until a signal. @throws CommandError also when the server does not take the device */
export async function playerCommand(options: PlayerCommandOptions): Promise<void> {
  const { url, identity } = parseOptions(options);
  const version = await readVersion();
  const terminal = createTerminal(process.stdout);
  const startedMs = Date.now();
  let player: Player | null = null;
  let refuse = (_error: unknown) => {};
  const refused = new Promise<never>((_resolve, reject) => {
    refuse = reject;
  });
  // Whoever sees the first picture may send a signal before the next line here runs.
  const over = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), refused]);
  over.catch(() => {});
  const draw = () => {
    const { stage, isConnected } = player ?? {};
    if (!stage) return;
    const status = `${identity.deviceNumber}: ${stage.layout?.name ?? 'nothing to show'}${isConnected ? '' : ' (not connected)'}`;
    terminal.show((size) => stage.draw(size, Date.now()), status);
  };
  let timer: NodeJS.Timeout | undefined;
  await using playing = await startPlayer({
    url,
    identity,
    memory: options.state === undefined ? volatileMemory() : fileMemory(options.state),
    shelf: options.state === undefined ? volatileShelf() : folderShelf(`${options.state}.files`),
    health: () => ({
      uptimeSeconds: Math.floor((Date.now() - startedMs) / 1_000),
      softwareVersion: `floorwire/${version}`,
    }),
    webSocketImpl: WebSocket,
    onChange() {
      timer ??= setTimeout(() => {
        timer = undefined;
        draw();
      }, FRAME_MS);
    },
    onFault(error, { isFinal }) {
      if (isFinal) refuse(error);
    },
  });
  player = playing;
  draw();
  try {
    await over;
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** @throws CommandError */
function parseOptions({ url, venue, device, serial, code }: PlayerCommandOptions) {
  if (venue === undefined || device === undefined || serial === undefined || code === undefined)
    throw new CommandError('player takes --url, --venue, --device, --serial and --code.');
  const identity = { venue, deviceNumber: device, serialNumber: serial, pairingCode: code };
  return { url: endpointOf(url), identity };
}
