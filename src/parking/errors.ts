import { DomainError } from '../lib/errors.ts';

/** At some instant of the time, no place of the lot is left. */
export class LotFullError extends DomainError {
  readonly code = 'API_030';
  readonly lotId: string;
  constructor(lotId: string, options?: ErrorOptions) {
    super('The lot has no place left for that time.', options);
    this.lotId = lotId;
  }
}

/** Somebody else has the space for a part of the time. */
export class SpaceTakenError extends DomainError {
  readonly code = 'API_031';
  readonly spaceId: string;
  constructor(spaceId: string, options?: ErrorOptions) {
    super('The space is taken for a part of that time.', options);
    this.spaceId = spaceId;
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
