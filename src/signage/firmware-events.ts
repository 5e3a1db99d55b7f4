import type {
  Deployment,
  DeploymentState,
  FirmwareUpdate,
  UpdateFailure,
  UpdateState,
} from './deployment.ts';

/** A device may have this firmware now. */
export interface FirmwareOfferedSnapshot {
  readonly deploymentId: string;
  readonly firmwareId: string;
  readonly deviceId: string;
}

/** How far a device is with it. */
export interface FirmwareProgressSnapshot extends FirmwareOfferedSnapshot {
  readonly state: UpdateState;
  readonly percent: number | null;
  readonly failure: UpdateFailure | null;
}

/** How a deployment has ended. */
export interface DeploymentSnapshot {
  readonly deploymentId: string;
  readonly firmwareId: string;
  readonly state: DeploymentState;
  /** Of how many devices. */
  readonly upToDate: number;
  readonly failed: number;
  readonly cancelled: number;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.firmware-uploaded': {
      readonly firmwareId: string;
      readonly version: string;
      /** Null: it is for any of its kind. */
      readonly deviceId: string | null;
    };
    'signage.firmware-offered': FirmwareOfferedSnapshot;
    'signage.firmware-progressed': FirmwareProgressSnapshot;
    'signage.deployment-started': {
      readonly deploymentId: string;
      readonly firmwareId: string;
      readonly deviceIds: readonly string[];
    };
    'signage.deployment-finished': DeploymentSnapshot;
  }
}

export const offerOf = (
  { id: deploymentId, firmwareId }: Deployment,
  { deviceId }: Pick<FirmwareUpdate, 'deviceId'>,
): FirmwareOfferedSnapshot => ({ deploymentId, firmwareId, deviceId });
