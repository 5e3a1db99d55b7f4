import { DomainError } from '../lib/errors.ts';
import type { CountedBy } from './lot.ts';

/** What could be had instead of what is full or taken. */
interface Instead {
  /** Until when it could be had, if only so long; null: not even now. */
  readonly freeUntil?: Date | null;
}

/** At some instant of the time, no such place of the lot is left. */
export class LotFullError extends DomainError {
  readonly code = 'API_030';
  readonly lotId: string;
  readonly freeUntil: Date | null;
  /** Other lots of the venue that have a place for all of the time, at most five, the nearest first. */
  readonly otherLotIds: readonly string[];
  constructor(
    lotId: string,
    { freeUntil = null, otherLotIds = [] }: Instead & { readonly otherLotIds?: readonly string[] } = {},
    options?: ErrorOptions,
  ) {
    super('The lot has no place left for that time.', options);
    this.lotId = lotId;
    this.freeUntil = freeUntil;
    this.otherLotIds = otherLotIds;
  }
}

/** Somebody else has the space for a part of the time, or stands there. */
export class SpaceTakenError extends DomainError {
  readonly code = 'API_031';
  readonly spaceId: string;
  readonly freeUntil: Date | null;
  /** Other spaces of the lot that can be had for all of the time, at most five, those of its kind first. */
  readonly otherSpaceIds: readonly string[];
  constructor(
    spaceId: string,
    { freeUntil = null, otherSpaceIds = [] }: Instead & { readonly otherSpaceIds?: readonly string[] } = {},
    options?: ErrorOptions,
  ) {
    super('The space is taken for a part of that time.', options);
    this.spaceId = spaceId;
    this.freeUntil = freeUntil;
    this.otherSpaceIds = otherSpaceIds;
  }
}

/** Somebody has as many reservations for which no car has come, or as many cars that stand there, as anybody can. */
export class ParkingLimitError extends DomainError {
  readonly code = 'API_012';
  readonly maximum: number;
  constructor(
    maximum: number,
    what: 'open parking reservations' | 'parked cars' = 'open parking reservations',
    options?: ErrorOptions,
  ) {
    super(`More than ${maximum} ${what} of one person are not possible.`, options);
    this.maximum = maximum;
  }
}

/** The lot, or the space, takes no cars now. */
export class ParkingClosedError extends DomainError {
  readonly code = 'API_001';
  constructor(what: 'lot' | 'space', options?: ErrorOptions) {
    super(`The ${what} is closed.`, options);
  }
}

/** The reservation or stay does not stand so that this can be done to it. */
export class ParkingEndedError extends DomainError {
  readonly code = 'API_001';
  constructor(how: string, options?: ErrorOptions) {
    super(`The ${how}.`, options);
  }
}

/** A car stands in one place at a time. */
export class CarParkedError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('A car with this plate stands on a lot of the venue already.', options);
  }
}

/** A car of the account stands on a lot. It is to leave first, hence API_001. */
export class AccountIsParkedError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('A car of the account stands on a parking lot. End that stay first.', options);
  }
}

/** Another lot of the venue has this name. */
export class LotNameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another parking lot of the venue has this name.', options);
  }
}

/** More places of the lot are claimed, now or later, than it would have. */
export class LotClaimedError extends DomainError {
  readonly code = 'API_030';
  /** How many are at the fullest instant. */
  readonly claimed: number;
  constructor(claimed: number, options?: ErrorOptions) {
    super(`${claimed} places of the lot are claimed at once: it cannot have fewer.`, options);
    this.claimed = claimed;
  }
}

/** Two spaces of a lot would have one label. */
export class SpaceLabelTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('The lot has a space with one of these labels.', options);
  }
}

/** A gate or a sensor speaks of a lot that is not counted by its kind. */
export class LotCountedOtherwiseError extends DomainError {
  readonly code = 'API_001';
  readonly lotId: string;
  readonly countedBy: CountedBy;
  constructor(lot: { readonly id: string; readonly countedBy: CountedBy }, options?: ErrorOptions) {
    super(`The cars of this lot are counted by ${COUNTERS[lot.countedBy]}.`, options);
    this.lotId = lot.id;
    this.countedBy = lot.countedBy;
  }
}

const COUNTERS: Readonly<Record<CountedBy, string>> = {
  STAYS: 'the stays begun and ended here',
  GATES: 'gates',
  SENSORS: 'the sensors of its spaces',
};
