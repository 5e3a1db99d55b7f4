import { ValidationError } from '../lib/errors.ts';
import { parseName } from '../lib/name.ts';
import { fits, parsePortAddress } from '../sas/host/wakeup-mode.ts';
import type { HostCashOut } from './aft-cash-out.ts';
import { isDriverName } from './line-lease.ts';
import type { WakeupMode } from './machine.ts';

/** What somebody says of a line. */
export interface LineSettings {
  readonly name: string;
  /** A device path, a symlink to one, or `tcp://host:port`. */
  readonly port: string;
  readonly wakeupMode: WakeupMode;
  /** Which drivers may drive it. */
  readonly drivenBy: string;
  /** The name of the profile of its adapter; null: as SAS is written. */
  readonly profile: string | null;
}

/** What somebody says of a machine besides its line. */
export interface MachineSettings {
  /** 1–127. */
  readonly address: number;
  readonly name: string;
  /** The name of its own profile; null: that of its line. */
  readonly profile: string | null;
  readonly hostCashOut: HostCashOut;
}

const HIGHEST_ADDRESS = 127;
const MAX_PORT_LENGTH = 255;
const PROFILE = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Its name trimmed. @throws ValidationError */
export function parseLine<Settings extends LineSettings>(input: Settings): Settings {
  if (!isDriverName(input.drivenBy))
    throw new ValidationError(
      'drivenBy takes 1 to 63 lower case letters, digits and inner hyphens, not none.',
      { field: 'drivenBy' },
    );
  checkProfile(input.profile);
  return { ...input, name: parseName(input.name), port: parsePort(input) };
}

/** Its name trimmed. @throws ValidationError */
export function parseMachine<Settings extends MachineSettings>(input: Settings): Settings {
  const { address } = input;
  if (!Number.isInteger(address) || address < 1 || address > HIGHEST_ADDRESS)
    throw new ValidationError(`address takes 1 to ${HIGHEST_ADDRESS}.`, { field: 'address' });
  checkProfile(input.profile);
  return { ...input, name: parseName(input.name) };
}

function parsePort({ wakeupMode, ...input }: LineSettings): string {
  const port = input.port.trim();
  if (port.length === 0 || port.length > MAX_PORT_LENGTH || /[\p{C}\s]/u.test(port))
    throw new ValidationError(`port takes 1 to ${MAX_PORT_LENGTH} printable characters without blanks.`, {
      field: 'port',
    });
  const address = parsePortAddress(port);
  if (!address)
    throw new ValidationError('port takes the path of a device, or tcp://host:port.', { field: 'port' });
  if (!fits(wakeupMode, address))
    throw new ValidationError(`${wakeupMode} does not go with this port.`, { field: 'wakeupMode' });
  // A relative path starts at DATA_DIR and stays there.
  if (port.split('/').includes('..'))
    throw new ValidationError('port takes no path with .. in it.', { field: 'port' });
  return port;
}

/** Whether there is such a profile only the driver knows. */
function checkProfile(name: string | null): void {
  if (name !== null && !PROFILE.test(name))
    throw new ValidationError('profile takes 1 to 40 lower case letters, digits and hyphens.', {
      field: 'profile',
    });
}
