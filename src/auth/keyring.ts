import type { JSONWebKeySet } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import { createSealer } from './sealing.ts';
import { makeSigningKey, openSigningKey, SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts';
import { findSigningKeys, insertSigningKeyIfNoneSigns } from './signing-key-store.ts';

/** The keys this process signs and verifies with. */
export interface Keyring {
  readonly signing: SigningKey;
  /** By `kid`; includes the one that signs. */
  readonly verifying: ReadonlyMap<string, SigningKey>;
}

export interface KeyringOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly secretKey: string | Uint8Array;
  readonly tokenLifetimeSeconds: number;
}

/**
 * Opens the keys kept in the database, and makes the first one when there is none. Processes
 * that start at once end up with the same.
 *
 * @throws KeyDecryptionError when they were made with another SECRET_KEY
 */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const { db, runWork, tokenLifetimeSeconds } = options;
  const sealer = createSealer(options.secretKey, 'signing-key');
  let stored = await findSigningKeys(db, tokenLifetimeSeconds);
  if (!stored.some(({ signs }) => signs)) {
    const made = await makeSigningKey(sealer);
    await runWork(system('auth'), ({ tx, now }) => insertSigningKeyIfNoneSigns(tx, made, now));
    stored = await findSigningKeys(db, tokenLifetimeSeconds);
  }
  const keys = await Promise.all(stored.map((key) => openSigningKey(sealer, key)));
  const signing = keys.find(({ signs }) => signs);
  if (!signing) throw new Error('the signing key was retired while it was being opened');
  return { signing, verifying: new Map(keys.map((key) => [key.kid, key])) };
}

/** What `/.well-known/jwks.json` publishes (RFC 7517). */
export function publicKeysOf(keyring: Keyring): JSONWebKeySet {
  const keys = [...keyring.verifying.values()].map(({ kid, publicJwk }) => ({
    ...publicJwk,
    kid,
    alg: SIGNING_ALGORITHM,
    use: 'sig',
  }));
  return { keys };
}
