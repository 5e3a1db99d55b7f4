/** Devices of a venue that are spoken of together. */
export interface DeviceGroup {
  readonly id: string;
  readonly venueId: string;
  /** Unique at the venue. */
  readonly name: string;
  /** Counts the changes of its name and of who was put into it with it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How many devices one group can have. */
export const MAX_MEMBERS = 1_000;
