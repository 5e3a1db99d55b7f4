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
