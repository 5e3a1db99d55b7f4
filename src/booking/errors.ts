import { DomainError } from '../lib/errors.ts';
import type { LimitWindow } from './booking-limit.ts';
import type { SeriesConflict } from './series.ts';
import type { FreeSlot } from './slot.ts';

/** The slot is taken, blocked, closed or over. */
export class SlotUnavailableError extends DomainError {
  readonly code = 'API_010';
  /** Some that could be had when it was tried, the nearest first. */
  readonly alternatives: readonly FreeSlot[];
  constructor(why: string, alternatives: readonly FreeSlot[] = [], options?: ErrorOptions) {
    super(why, options);
    this.alternatives = alternatives;
  }
}

/** Another resource of the venue has this name, or is this machine. */
export class ResourceTakenError extends DomainError {
  readonly code = 'API_001';
  readonly field: 'name' | 'machineId';
  constructor(field: 'name' | 'machineId', options?: ErrorOptions) {
    super(
      field === 'name'
        ? 'Another resource of the venue has this name.'
        : 'Another resource is this machine already.',
      options,
    );
    this.field = field;
  }
}

/** The booking has ended, so this cannot be done to it any more. */
export class BookingEndedError extends DomainError {
  readonly code = 'API_001';
  constructor(how: string, options?: ErrorOptions) {
    super(`The booking ${how}.`, options);
  }
}

/** Somebody would have more booked than people of his roles can. */
export class BookingLimitError extends DomainError {
  readonly code = 'API_012';
  readonly window: LimitWindow;
  readonly maximum: number;
  /** How many he has. */
  readonly count: number;
  /** When a new window begins; null where none does. */
  readonly resetsAt: Date | null;
  constructor(
    {
      window,
      maximum,
      count,
      resetsAt,
    }: Pick<BookingLimitError, 'window' | 'maximum' | 'count' | 'resetsAt'>,
    options?: ErrorOptions,
  ) {
    super(`More than ${maximum} bookings ${PER[window]} are not possible.`, options);
    this.window = window;
    this.maximum = maximum;
    this.count = count;
    this.resetsAt = resetsAt;
  }
}

const PER: Readonly<Record<LimitWindow, string>> = {
  DAY: 'on one day',
  WEEK: 'in one week',
  MONTH: 'in one month',
  ACTIVE: 'at a time',
};

/** Slots of a series that cannot be had. */
export class SeriesConflictError extends DomainError {
  readonly code = 'API_014';
  readonly resourceId: string;
  /** In order of time. */
  readonly conflicts: readonly SeriesConflict[];
  constructor(resourceId: string, conflicts: readonly SeriesConflict[], options?: ErrorOptions) {
    super('Not every slot of the series can be had; nothing is booked.', options);
    this.resourceId = resourceId;
    this.conflicts = conflicts;
  }
}
