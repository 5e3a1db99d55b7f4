import { DomainError } from '../lib/errors.ts';

/**
 * The name is no channel's, or that of somebody's whose channel is not the caller's to know of, whether there is such
 * a person, device or venue or not.
 */
export class UnknownChannelError extends DomainError {
  readonly code = 'WS_007';
  constructor(options?: ErrorOptions) {
    super('There is no such channel.', options);
  }
}
