import type { Size } from './canvas.ts';
import type { Stage } from './stage.ts';

/** Something the player is told to do, as `DeviceCommandIssued` brings it. */
export interface PlayedCommand {
  readonly id: string;
  readonly kind: string;
  readonly parameters: { readonly seconds: number | null; readonly on: boolean | null };
}

/** What came of it, as `acknowledgeCommand` takes it. */
export interface CommandOutcome {
  readonly state: 'SUCCEEDED' | 'FAILED';
  readonly message?: string;
  readonly result?: unknown;
}

/** What of a player commands are about. */
export interface Commanded {
  readonly stage: Stage;
  readonly health: () => object;
  /** Begins another connection, in which the server tells all anew, and looks again at what it has. */
  readonly reload: () => void;
  readonly nowMs: () => number;
}

/** Of a picture that is sent. */
const SCREENSHOT: Size = { width: 80, height: 24 };

/** Does it. What a screen in software has not, it cannot do: it is neither loud nor bright. */
export function executeCommand(
  { kind, parameters }: PlayedCommand,
  { stage, health, reload, nowMs }: Commanded,
): CommandOutcome {
  switch (kind) {
    case 'REBOOT':
    case 'RELOAD':
      reload();
      return { state: 'SUCCEEDED' };
    case 'SCREENSHOT':
      return { state: 'SUCCEEDED', result: { lines: stage.draw(SCREENSHOT, nowMs()) } };
    case 'DIAGNOSTICS': {
      const { layout, displayVersion, isOn } = stage;
      const shown = {
        layout: layout?.name ?? null,
        displayVersion: displayVersion?.toString() ?? null,
        isOn,
      };
      return { state: 'SUCCEEDED', result: { ...health(), ...shown } };
    }
    case 'IDENTIFY':
      stage.identify(nowMs() + (parameters.seconds ?? 0) * 1_000);
      return { state: 'SUCCEEDED' };
    case 'SET_POWER':
      stage.switch(parameters.on ?? true);
      return { state: 'SUCCEEDED' };
    default:
      return { state: 'FAILED', message: `This player cannot do ${kind}.` };
  }
}
