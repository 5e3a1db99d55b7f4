import type { Scope } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, PermissionDeniedError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { type ApiKey, type ApiKeyTerms, type NewSecret, parseTerms } from './api-key.ts';
import { findApiKeysByIds, insertApiKey, revokeKey } from './api-key-store.ts';
import { lockOwnSession } from './own-credentials.ts';
import { canManageApiKeys, canSeeApiKey } from './policy.ts';
import { deleteRealtimeTokensOf } from './realtime-token-store.ts';
import { grantableScopesOf } from './scopes.ts';

export interface NewApiKey extends ApiKeyTerms {
  readonly venueId: string;
  /** Made by the caller, who alone has the key itself. */
  readonly made: Pick<NewSecret, 'prefix' | 'hash'>;
  /** Each type of event a key may list, and the scope it must have for it. */
  readonly followable: ReadonlyMap<string, Scope>;
}

/**
 * Makes a key that may exactly what is said, until it expires or is revoked. What becomes of the
 * user who made it changes nothing about it: the partner is not at fault.
 *
 * @throws ValidationError
 * @throws PermissionDeniedError for who may make none, and for a scope he does not have himself
 * @throws SessionRevokedError when the session of that user has ended meanwhile
 */
export async function createApiKey(work: Work, input: NewApiKey): Promise<ApiKey> {
  const { actor, now } = work;
  const { venueId, made, followable } = input;
  if (!canManageApiKeys(actor, venueId)) throw new PermissionDeniedError('make API keys');
  if (actor.kind === 'user') await lockOwnSession(work, actor);
  const key: ApiKey = {
    id: newId(),
    venueId,
    ...parseTerms(input, { ownScopes: grantableScopesOf(actor), followable, now }),
    prefix: made.prefix,
    createdBy: actor.kind === 'user' ? actor.userId : null,
    createdAt: now,
    lastUsedAt: null,
    revokedAt: null,
  };
  await insertApiKey(work.tx, { ...key, secretHash: made.hash });
  work.emit({ type: 'auth.api-key-created', venueId, apiKeyId: key.id, scopes: key.scopes });
  return key;
}

/**
 * Ends a key for good; the event closes what is open on its behalf. One that is revoked already stays
 * as it is, so that a lost answer can be asked for again.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function revokeApiKey(
  work: Work,
  { venueId, apiKeyId }: { readonly venueId: string; readonly apiKeyId: string },
): Promise<ApiKey> {
  const { tx, actor, now } = work;
  const [known] = canSeeApiKey(actor, { id: apiKeyId, venueId })
    ? await findApiKeysByIds(tx, venueId, [apiKeyId])
    : [];
  if (!known) throw new NotFoundError('API key');
  if (!canManageApiKeys(actor, venueId)) throw new NotOwnerError('revoke this API key');
  if (await revokeKey(tx, { venueId, id: apiKeyId, at: now }))
    work.emit({ type: 'auth.api-key-revoked', venueId, apiKeyId });
  await deleteRealtimeTokensOf(tx, [apiKeyId]);
  const [revoked = known] = await findApiKeysByIds(tx, venueId, [apiKeyId]);
  return revoked;
}

/** Those of these keys of a venue that the actor may see; in no order. */
export async function findVisibleApiKeys(
  { db, actor }: Read,
  venueId: string,
  ids: readonly string[],
): Promise<ApiKey[]> {
  const keys = await findApiKeysByIds(db, venueId, ids);
  return keys.filter((key) => canSeeApiKey(actor, key));
}
