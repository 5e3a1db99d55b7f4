import { type Actor, actorReference } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import { hashOf, type IdempotencyKey } from './ledger.ts';

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * The caller's key for what he asks for. `parameters` are all that makes it what it is, the venue included.
 *
 * @throws ValidationError
 */
export function parseKey(
  actor: Actor,
  key: string,
  parameters: Readonly<Record<string, unknown>>,
): IdempotencyKey {
  if (!KEY.test(key))
    throw new ValidationError('idempotencyKey takes 1 to 200 printable ASCII characters without spaces.');
  const { kind, id } = actorReference(actor);
  return { principal: `${kind}:${id}`, key, hash: hashOf(parameters) };
}
