import { DomainError } from '../lib/errors.ts';

/** The cursor is not one of this log, lies in its future, or its events are no longer kept. */
export class CursorError extends DomainError {
  readonly code = 'WS_003';
  constructor(options?: ErrorOptions) {
    super('This cursor cannot be resumed from. Read the current state and subscribe anew.', options);
  }
}

/** The reader took its events more slowly than they happened. It may resume from its last cursor. */
export class SlowConsumerError extends DomainError {
  readonly code = 'WS_004';
  constructor(options?: ErrorOptions) {
    super('This stream was read too slowly. Resume after the last cursor received.', options);
  }
}
