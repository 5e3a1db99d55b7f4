import type { DeviceKind } from '../../src/auth/device.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Deployment } from '../../src/signage/deployment.ts';
import { type DeployFirmware, deployFirmware } from '../../src/signage/deployment-service.ts';
import type { Firmware } from '../../src/signage/firmware.ts';
import { type UploadFirmware, uploadFirmware } from '../../src/signage/firmware-service.ts';
import type { RunWork } from '../../src/work.ts';
import { aStoredFile } from './uploads.ts';

const WORKSHOP = system('workshop');

/** A file that has come, to be firmware; its bytes are nowhere. */
export const aFirmwareFile = (runWork: RunWork, venueId: string): Promise<string> =>
  aStoredFile(runWork, { venueId, contentType: 'application/octet-stream', purpose: 'FIRMWARE' });

/** For all boards of a venue, unless it is for other devices. */
export async function aFirmware(
  runWork: RunWork,
  fields: Pick<UploadFirmware, 'venueId'> & Partial<UploadFirmware>,
): Promise<Firmware> {
  const token = await aFirmwareFile(runWork, fields.venueId);
  return await runWork(WORKSHOP, (work) =>
    uploadFirmware(work, {
      token,
      name: 'Blinker',
      version: newId(),
      deviceKind: 'LAB_BOARD',
      deviceNumber: null,
      notes: null,
      ...fields,
    }),
  );
}

/** All devices at a time, none may fail, and each has an hour, unless it is told otherwise. */
export const aDeployment = (
  runWork: RunWork,
  {
    deviceIds,
    ...fields
  }: Pick<DeployFirmware, 'venueId' | 'firmwareId'> &
    Partial<DeployFirmware> & { readonly deviceIds: readonly string[] },
): Promise<Deployment> =>
  runWork(WORKSHOP, (work) =>
    deployFirmware(work, {
      to: { deviceIds },
      batchSize: 100,
      maxFailures: 0,
      timeoutSeconds: 3_600,
      ...fields,
    }),
  );

/** The global ids of a firmware, of another one, and of a deployment that offers that to a device. */
export async function someFirmware(
  runWork: RunWork,
  {
    venueId,
    deviceId,
    deviceKind,
  }: { readonly venueId: string; readonly deviceId: string; readonly deviceKind: DeviceKind },
): Promise<Record<string, string>> {
  const { id: firmwareId } = await aFirmware(runWork, { venueId, deviceKind });
  const { id: another } = await aFirmware(runWork, { venueId, deviceKind });
  const { id: deploymentId } = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] });
  return {
    Firmware: encodeGlobalId('Firmware', another),
    DeployedFirmware: encodeGlobalId('Firmware', firmwareId),
    Deployment: encodeGlobalId('Deployment', deploymentId),
    FirmwareToken: await aFirmwareFile(runWork, venueId),
  };
}
