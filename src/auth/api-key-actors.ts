import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type PartnerActor, system } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import { type ApiKey, isSecretOf, prefixOf, statusOf } from './api-key.ts';
import { findApiKeyByPrefix, findApiKeysByIds, markApiKeyUsed } from './api-key-store.ts';
import { ApiKeyExpiredError, ApiKeyRevokedError, TokenInvalidError } from './errors.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { MAX_STALENESS_MS } from './session-actors.ts';

/** Turns API keys into actors by their rows. */
export interface ApiKeyActors {
  /**
   * Whose key this is, and until when.
   *
   * @throws TokenInvalidError for what is no key of ours, whatever is wrong with it
   * @throws ApiKeyExpiredError, ApiKeyRevokedError
   */
  authenticate(secret: string): Promise<{ readonly actor: PartnerActor; readonly expiresAt: Date | null }>;
  /** The partner with what its key may now, at most a second old. @throws ApiKeyExpiredError, ApiKeyRevokedError */
  refresh(actor: PartnerActor): Promise<PartnerActor>;
  /** The next question is answered by the database: a key was revoked. */
  forgetAll(): void;
}

export interface ApiKeyActorsOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly clock: () => Date;
  /** Told when a use could not be written down, which keeps nobody from using the key. */
  readonly onError: (error: unknown) => void;
}

const MAX_REMEMBERED = 10_000;
/** How often a process writes down that a key is used. */
const USE_INTERVAL_MS = 60_000;
/** What a key that is not there is compared with. */
const NO_HASH = Buffer.alloc(32);

export function createApiKeyActors({ db, runWork, clock, onError }: ApiKeyActorsOptions): ApiKeyActors {
  const byPrefix = rememberBriefly((prefix: string) => findApiKeyByPrefix(db, prefix));
  const byPlace = rememberBriefly(async (place: string) => {
    const [venueId = '', id = ''] = place.split('/');
    return (await findApiKeysByIds(db, venueId, [id]))[0] ?? null;
  });
  const used = createExpiringCache<true>(MAX_REMEMBERED);

  function noteUse({ id, venueId }: ApiKey): void {
    const nowMs = performance.now();
    if (used.get(id, nowMs)) return;
    used.set(id, true, nowMs + USE_INTERVAL_MS);
    runWork(system('auth'), ({ tx, now }) => markApiKeyUsed(tx, { venueId, id, at: now })).catch((error) => {
      used.delete(id);
      onError(error);
    });
  }

  return {
    async authenticate(secret) {
      const prefix = prefixOf(secret);
      if (prefix === null) throw new TokenInvalidError();
      const key = await byPrefix.get(prefix);
      const isRight = isSecretOf(secret, key?.secretHash ?? NO_HASH);
      if (!key || !isRight) throw new TokenInvalidError();
      const actor = actorOf(key, clock());
      noteUse(key);
      return { actor, expiresAt: key.expiresAt };
    },
    async refresh({ venueId, apiKeyId }) {
      const key = await byPlace.get(`${venueId}/${apiKeyId}`);
      if (!key) throw new ApiKeyRevokedError();
      return actorOf(key, clock());
    },
    forgetAll() {
      byPrefix.clear();
      byPlace.clear();
    },
  };
}

function actorOf(key: ApiKey, now: Date): PartnerActor {
  const status = statusOf(key, now);
  if (status === 'REVOKED') throw new ApiKeyRevokedError();
  if (status === 'EXPIRED') throw new ApiKeyExpiredError();
  const { id: apiKeyId, venueId, scopes, eventTypes } = key;
  return { kind: 'partner', apiKeyId, venueId, scopes, eventTypes };
}

/** Asks once for all who ask within a second. Neither a failure nor an absence is remembered. */
function rememberBriefly<Key extends ApiKey>(ask: (name: string) => Promise<Key | null>) {
  const remembered = createExpiringCache<Promise<Key | null>>(MAX_REMEMBERED);
  return {
    get(name: string): Promise<Key | null> {
      const nowMs = performance.now();
      const known = remembered.get(name, nowMs);
      if (known) return known;
      const asked = ask(name);
      remembered.set(name, asked, nowMs + MAX_STALENESS_MS);
      const forget = () => remembered.delete(name);
      asked.then((key) => key ?? forget(), forget);
      return asked;
    },
    clear: () => remembered.clear(),
  };
}
