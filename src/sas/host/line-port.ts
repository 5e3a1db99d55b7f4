import { openPortHere, type PortSettings } from './open-port.ts';
import type { Port } from './port.ts';
import { openProcessPort } from './process-port.ts';
import { isTimed } from './wakeup-mode.ts';

/**
 * Opens the port of a line: in a process of its own where it is ours to keep the time, in this one otherwise.
 *
 * @throws Error with the reason it cannot be opened
 */
export const openLinePort = (settings: PortSettings): Promise<Port> =>
  isTimed(settings.wakeupMode) ? openProcessPort(settings) : openPortHere(settings);
