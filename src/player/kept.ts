import type { SessionTokens } from '../client/session.ts';
import type { Task } from './command-desk.ts';
import type { InstalledFirmware } from './firmware-desk.ts';
import type { Play } from './play-log.ts';
import type { PushedLayout } from './show.ts';

/** What a player takes up again when it is switched on: it shows what it showed before anybody answers. */
export interface Kept {
  readonly tokens: SessionTokens | null;
  /** What it was given last; null before it was given anything. */
  readonly shown: PushedLayout | null;
  /** What it was told to do of late, the newest last: none of it is done twice. */
  readonly tasks: readonly Task[];
  /** What it showed and has not told yet. */
  readonly plays: readonly Play[];
  /** What it runs; null: nothing that it was given. */
  readonly firmware: InstalledFirmware | null;
  readonly isOn: boolean;
}

export const NOTHING_KEPT: Kept = {
  tokens: null,
  shown: null,
  tasks: [],
  plays: [],
  firmware: null,
  isOn: true,
};

/** Of what this version of the player wrote; nothing of anything else. */
const FORMAT = 3;

export const writeKept = (kept: Kept): unknown => ({ format: FORMAT, ...kept });

export function readKept(written: unknown): Kept {
  if (typeof written !== 'object' || written === null || Reflect.get(written, 'format') !== FORMAT)
    return NOTHING_KEPT;
  return { ...NOTHING_KEPT, ...written };
}
