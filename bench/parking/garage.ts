import { authSettingsOf } from '../../src/app/auth-settings.ts';
import { makePairingCode } from '../../src/auth/device.ts';
import { registerDevice } from '../../src/auth/device-service.ts';
import { createAuth } from '../../src/auth/service.ts';
import { readConfig } from '../../src/config.ts';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { createParkingLot } from '../../src/parking/lot-service.ts';
import { createRunWork } from '../../src/work.ts';
import type { Bank } from '../wallet/bank.ts';

const BENCH = system('bench');

/** A lot that sensors count, by global ids, and the tokens of its sensors. */
export interface Garage {
  readonly lotId: string;
  readonly spaceIds: readonly string[];
  readonly tokens: readonly string[];
}

export async function buildGarage(
  { connection, environment, venueId, asOwner }: Bank,
  { spaces, devices }: { readonly spaces: number; readonly devices: number },
): Promise<Garage> {
  await using database = openDatabase({
    connection,
    poolSize: 4,
    applicationName: 'bench',
    role: APP_ROLE,
  });
  const { db } = database;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const auth = await createAuth({ ...authSettingsOf(readConfig(environment)), db, runWork });
  const lot = await runWork(BENCH, (work) =>
    createParkingLot(work, {
      venueId,
      name: 'Garage',
      capacity: spaces,
      countedBy: 'SENSORS',
      spaces: [{ prefix: 'P', first: 1, last: spaces, digits: 5, kind: 'STANDARD' }],
    }),
  );
  const rows = await db
    .selectFrom('parking_space')
    .select('id')
    .where('lot_id', '=', lot.id)
    .orderBy('id')
    .execute();
  const tokens: string[] = [];
  for (let at = 0; at < devices; at += 1) {
    const { pairingCode, hash } = makePairingCode();
    const device = await runWork(BENCH, (work) =>
      registerDevice(work, {
        venueId,
        pairingCodeHash: hash,
        deviceNumber: `sensor-${at}`,
        serialNumber: `SN-${at}`,
        kind: 'SENSOR',
        name: `Sensor ${at}`,
      }),
    );
    const { deviceNumber, serialNumber } = device;
    const { accessToken } = await auth.authenticateDevice(
      { venue: 'bench', deviceNumber, serialNumber, pairingCode },
      { userAgent: 'bench', address: '127.0.0.1' },
    );
    tokens.push(accessToken);
  }
  await asOwner('vacuum analyze');
  return {
    lotId: encodeGlobalId('ParkingLot', lot.id),
    spaceIds: rows.map(({ id }) => encodeGlobalId('ParkingSpace', id)),
    tokens,
  };
}
