import { type DeviceKind, isDeviceKind, makePairingCode } from '../auth/device.ts';
import { registerDevice } from '../auth/device-service.ts';
import type { Config } from '../config.ts';
import { system } from '../lib/actor.ts';
import { CommandError } from './command-error.ts';
import { doInDatabase, venueOf } from './database.ts';

export interface DeviceOptions {
  readonly venue?: string | undefined;
  readonly number?: string | undefined;
  readonly serial?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * Makes a device known at a venue, and prints its pairing code this once.
 *
 * @throws CommandError
 */
export async function addDeviceCommand(config: Config, options: DeviceOptions): Promise<void> {
  const { venue: slug, number: deviceNumber, serial: serialNumber } = options;
  if (slug === undefined || deviceNumber === undefined || serialNumber === undefined)
    throw new CommandError('devices add takes --venue, --number and --serial.');
  const device = {
    deviceNumber,
    serialNumber,
    kind: parseKind(options.kind),
    name: options.name ?? deviceNumber,
  };
  await doInDatabase(config, async ({ floor, runWork }) => {
    const { id: venueId } = await venueOf(floor, slug);
    const { pairingCode, hash } = makePairingCode();
    await runWork(system('cli'), (work) =>
      registerDevice(work, { ...device, venueId, pairingCodeHash: hash }),
    );
    return `${deviceNumber} is registered. Its pairing code, shown this once: ${pairingCode}`;
  });
}

function parseKind(text = 'SCREEN'): DeviceKind {
  const kind = text.toUpperCase();
  if (!isDeviceKind(kind)) throw new CommandError('--kind takes SCREEN, LAB_BOARD, GATE or SENSOR.');
  return kind;
}
