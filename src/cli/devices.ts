import { type DeviceKind, isDeviceKind, makePairingCode } from '../auth/device.ts';
import { registerDevice } from '../auth/device-service.ts';
import { findNamedVenue } from '../auth/venue-store.ts';
import type { Config } from '../config.ts';
import { APP_ROLE, openDatabase } from '../db/database.ts';
import { system } from '../lib/actor.ts';
import { DomainError } from '../lib/errors.ts';
import { createRunWork } from '../work.ts';
import { CommandError } from './command-error.ts';
import { reachMigrated } from './database.ts';

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
  const kind = parseKind(options.kind);
  const name = options.name ?? deviceNumber;

  await using database = await reachMigrated(config);
  await using floor = openDatabase({
    connection: database.connection,
    poolSize: 2,
    applicationName: 'floorwire devices',
    role: APP_ROLE,
  });
  const venue = await findNamedVenue(floor.db, slug);
  if (!venue) throw new CommandError(`There is no venue ${slug}.`);
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const { pairingCode, hash } = makePairingCode();
  const input = { venueId: venue.id, deviceNumber, serialNumber, kind, name, pairingCodeHash: hash };
  try {
    await runWork(system('cli'), (work) => registerDevice(work, input));
  } catch (error) {
    if (error instanceof DomainError) throw new CommandError(error.message);
    throw error;
  }
  process.stdout.write(`${deviceNumber} is registered. Its pairing code, shown this once: ${pairingCode}\n`);
}

function parseKind(text = 'SCREEN'): DeviceKind {
  const kind = text.toUpperCase();
  if (!isDeviceKind(kind)) throw new CommandError('--kind takes SCREEN, LAB_BOARD, GATE or SENSOR.');
  return kind;
}
