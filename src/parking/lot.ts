/** Where cars stand: how many it takes, what counts them, and what holds for those who come. */
export interface ParkingLot extends LotRules {
  readonly id: string;
  readonly venueId: string;
  readonly status: LotStatus;
  readonly occupancy: Occupancy;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What can be changed of a lot. */
export interface LotRules {
  readonly name: string;
  readonly description: string | null;
  readonly address: string | null;
  readonly location: Location | null;
  /** How many cars it takes. */
  readonly capacity: number;
  readonly countedBy: CountedBy;
  /** What gates and sensors said is stale when it is older. */
  readonly staleAfterSeconds: number;
  /** How many days ahead a place can be reserved. */
  readonly reservableDays: number;
  /** Who has reserved and has not come so long after the beginning does not come; null: the place is kept to the end. */
  readonly noShowMinutes: number | null;
  /** A car that does not say how long it stays is taken to stay so long. */
  readonly usualStayMinutes: number;
}

/** WGS 84, degrees. */
export interface Location {
  readonly latitude: number;
  readonly longitude: number;
}

/** What tells how many stand there: the stays begun and ended here, gates that count, or a sensor on each space. */
export type CountedBy = 'STAYS' | 'GATES' | 'SENSORS';
export type LotStatus = 'ACTIVE' | 'CLOSED';

/** How full a lot is at one instant; in cars. */
export interface Occupancy {
  readonly capacity: number;
  readonly occupied: number;
  /** Reserved for this instant by who has not come yet. */
  readonly reserved: number;
  /** When that was counted by gates or sensors last; null: by stays, or never. */
  readonly observedAt: Date | null;
  /** Whether gates or sensors have been silent for too long, or have never spoken. */
  readonly isStale: boolean;
  /** Of two the one with the greater revision is the newer. */
  readonly revision: bigint;
}

/** Below zero where more cars stand than there is room for beside those who have reserved. */
export const freeOf = ({
  capacity,
  occupied,
  reserved,
}: Pick<Occupancy, 'capacity' | 'occupied' | 'reserved'>): number => capacity - occupied - reserved;
