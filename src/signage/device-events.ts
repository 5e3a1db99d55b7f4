/** A device after a change of what it is. */
export interface DeviceUpdate {
  readonly deviceId: string;
  readonly version: number;
  readonly ownerId: string | null;
  /** Whose it was before. */
  readonly formerOwnerId: string | null;
  readonly groupIds: readonly string[];
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.device-updated': DeviceUpdate;
    'signage.device-removed': { readonly deviceId: string; readonly formerOwnerId: string | null };
    'signage.device-group-created': {
      readonly deviceGroupId: string;
      readonly name: string;
      readonly deviceIds: readonly string[];
    };
  }
}
