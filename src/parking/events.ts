import type { ReservationStatus } from './reservation.ts';
import type { SettlementWay } from './session.ts';

/** How full a lot was then; in cars. */
export interface OccupancySnapshot {
  readonly lotId: string;
  readonly capacity: number;
  readonly occupied: number;
  readonly reserved: number;
  readonly free: number;
  /** ISO 8601 in UTC. */
  readonly observedAt: string | null;
  readonly isStale: boolean;
  /** Grows; a text. */
  readonly revision: string;
}

/** A lot that was made or changed, and how full it was then. */
interface LotChange extends OccupancySnapshot {
  readonly name: string;
  readonly version: number;
}

/** What a stay costs that begins from then on, and how full the lot was then. */
interface RateChange extends OccupancySnapshot {
  readonly rateId: string;
  /** ISO 8601 in UTC. */
  readonly validFrom: string;
}

/** A reservation as it was then. Times are ISO 8601 in UTC. Which car it is for is not said. */
export interface ReservationSnapshot {
  readonly parkingReservationId: string;
  readonly lotId: string;
  readonly spaceId: string | null;
  readonly userId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: ReservationStatus;
  readonly noShowAt: string | null;
  readonly reservedAt: string;
  readonly checkedInAt: string | null;
  readonly endedAt: string | null;
  readonly cancelReason: string | null;
  readonly changedAt: string;
  readonly version: number;
}

/** A stay as it was then. Times are ISO 8601 in UTC, amounts minor units as texts. */
export interface SessionSnapshot {
  readonly parkingSessionId: string;
  readonly lotId: string;
  readonly spaceId: string | null;
  readonly userId: string | null;
  readonly parkingReservationId: string | null;
  readonly startedAt: string;
  readonly until: string;
  readonly overdueAt: string | null;
  readonly endedAt: string | null;
  readonly chargeMinor: string | null;
  readonly paidMinor: string | null;
  readonly currency: string;
  readonly version: number;
}

/** A stay of which nothing is due any more, and why. */
export interface SettlementSnapshot extends SessionSnapshot {
  /** What was due, in minor units; a text. Of what was taken it is in `paidMinor` too. */
  readonly settledMinor: string;
  readonly settledHow: SettlementWay;
  readonly settledAt: string;
  readonly settledNote: string | null;
}

declare module '../events/events.ts' {
  interface EventMap {
    'parking.lot-created': LotChange;
    'parking.lot-updated': LotChange;
    'parking.rate-changed': RateChange;
    'parking.occupancy-changed': OccupancySnapshot;
    /** There was a place free before it, and is none now. */
    'parking.lot-filled': OccupancySnapshot;
    'parking.reservation-made': ReservationSnapshot;
    'parking.reservation-extended': ReservationSnapshot;
    /** Its place is still taken by a car that stays longer than it said: who reserved has longer to come. */
    'parking.reservation-delayed': ReservationSnapshot;
    'parking.reservation-checked-in': ReservationSnapshot;
    'parking.reservation-completed': ReservationSnapshot;
    'parking.reservation-cancelled': ReservationSnapshot;
    /** Its time is over, and nobody came. */
    'parking.reservation-expired': ReservationSnapshot;
    /** Nobody came in time, and the place is given to others. */
    'parking.reservation-no-show-marked': ReservationSnapshot;
    'parking.session-started': SessionSnapshot;
    'parking.session-extended': SessionSnapshot;
    /** It stays longer than it said. */
    'parking.session-overdue': SessionSnapshot;
    'parking.session-ended': SessionSnapshot;
    /** What was due of it is paid. */
    'parking.session-paid': SessionSnapshot;
    /** What was due of it was taken at the desk, or waived. */
    'parking.session-settled': SettlementSnapshot;
  }
}

/** Whatever changes how full a lot is, or what it is; each says how full it was then. */
export const LOT_EVENTS = [
  'parking.lot-created',
  'parking.lot-updated',
  'parking.rate-changed',
  'parking.occupancy-changed',
] as const;
export type LotEventType = (typeof LOT_EVENTS)[number];

/** What happens to reservations, for those who follow them. */
export const RESERVATION_EVENTS = [
  'parking.reservation-made',
  'parking.reservation-extended',
  'parking.reservation-delayed',
  'parking.reservation-checked-in',
  'parking.reservation-completed',
  'parking.reservation-cancelled',
  'parking.reservation-expired',
  'parking.reservation-no-show-marked',
] as const;
export type ReservationEventType = (typeof RESERVATION_EVENTS)[number];
