import type { DeviceKind } from '../../src/auth/device.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { DeviceCommand } from '../../src/signage/command.ts';
import { type SendCommand, sendCommand } from '../../src/signage/command-service.ts';
import type { DeviceGroup } from '../../src/signage/device-group.ts';
import { type CreateDeviceGroup, createDeviceGroup } from '../../src/signage/device-group-service.ts';
import type { DeviceHealth } from '../../src/signage/device-status.ts';
import { createStatusQueue } from '../../src/signage/status-queue.ts';
import type { RunWork } from '../../src/work.ts';
import type { Answer, FloorApp } from './app.ts';
import { aDevice } from './builders.ts';
import { noteSecrets } from './secrets.ts';

/** A device that has signed in. */
export interface SignedInDevice {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer<any>>;
}

/** A device of the floor's venue, or of another one, that has signed in. */
export async function aSignedInDevice(
  floor: FloorApp,
  kind: DeviceKind,
  { id: venueId, slug }: { readonly id: string; readonly slug: string } = {
    id: floor.venueId,
    slug: 'casino',
  },
): Promise<SignedInDevice> {
  const { auth, runWork } = floor.app().services;
  const { id, ...credentials } = await aDevice(runWork, { venueId, kind });
  const trace = { userAgent: 'device', address: '127.0.0.1' };
  const signedIn = await auth.authenticateDevice({ venue: slug, ...credentials }, trace);
  noteSecrets(signedIn);
  return {
    id,
    async ask(query, variables) {
      const response = await fetch(`${floor.app().url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${signedIn.accessToken}` },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as never;
    },
  };
}

const CARE = system('device care');

/** What a device says that has nothing to say. */
export const NO_HEALTH: DeviceHealth = {
  uptimeSeconds: null,
  freeBytes: null,
  temperatureCelsius: null,
  softwareVersion: null,
  firmwareVersion: null,
  message: null,
};

interface OfDevice {
  readonly venueId: string;
  readonly deviceId: string;
}

/** It is ONLINE; the next report is due after half a minute, unless another heartbeat is given. */
export const aReport = (
  runWork: RunWork,
  {
    heartbeatMs = 30_000,
    health = {},
    ...device
  }: OfDevice & { readonly heartbeatMs?: number; readonly health?: Partial<DeviceHealth> },
): Promise<void> =>
  createStatusQueue({ runWork, heartbeatMs }).report({ ...device, health: { ...NO_HEALTH, ...health } });

/** A group without devices, unless it is given some. */
export const aDeviceGroup = (
  runWork: RunWork,
  fields: Pick<CreateDeviceGroup, 'venueId'> & Partial<CreateDeviceGroup>,
): Promise<DeviceGroup> =>
  runWork(CARE, (work) => createDeviceGroup(work, { name: `Group ${newId()}`, deviceIds: [], ...fields }));

/** One device is told to reload, within an hour, unless it is told otherwise. */
export async function aDeviceCommand(
  runWork: RunWork,
  { deviceId, ...fields }: OfDevice & Partial<SendCommand>,
): Promise<DeviceCommand> {
  const [command] = await runWork(CARE, (work) =>
    sendCommand(work, {
      to: { deviceIds: [deviceId] },
      kind: 'RELOAD',
      parameters: {},
      expiresAfterSeconds: 3_600,
      requireOnline: false,
      idempotencyKey: null,
      ...fields,
    }),
  );
  if (!command) throw new Error('the device was told nothing');
  return command;
}

/** The global ids of a device that has just come, of a group it is in, and of what it was told to do. */
export async function someCare(runWork: RunWork, device: OfDevice): Promise<Record<string, string>> {
  const { venueId, deviceId } = device;
  await aReport(runWork, device);
  const group = await aDeviceGroup(runWork, { venueId, deviceIds: [deviceId] });
  const command = await aDeviceCommand(runWork, device);
  return {
    Device: encodeGlobalId('Device', deviceId),
    DeviceGroup: encodeGlobalId('DeviceGroup', group.id),
    DeviceCommand: encodeGlobalId('DeviceCommand', command.id),
  };
}
