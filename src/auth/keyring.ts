import type { JSONWebKeySet } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import { createSealer } from './sealing.ts';
import { makeSigningKey, openSigningKey, SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts';
import {
  findSigningKeys,
  insertSigningKeyIfNoneSigns,
  lockSigningKeys,
  PICK_UP_SECONDS,
  retireSigningKeys,
} from './signing-key-store.ts';
import { listAllVenues } from './venue-store.ts';

/** The keys this process signs and verifies with, as it last read them. */
export interface Keyring {
  readonly signing: SigningKey;
  /** Those whose tokens are accepted at this moment, the one that signs included. */
  verifying(now: Date): SigningKey[];
  /** Looks into the database, at most once a second, for a `kid` it does not know. */
  find(kid: string, now: Date): Promise<SigningKey | null>;
  /** Takes up what changed in the database. @throws KeyDecryptionError */
  reload(): Promise<void>;
}

export interface KeyringOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly secretKey: string | Uint8Array;
  readonly tokenLifetimeSeconds: number;
}

/** Made-up kids must not become queries. */
const LOOK_EVERY_MS = 1_000;

/**
 * Opens the keys kept in the database, and makes the first one when there is none. Processes
 * that start at once end up with the same.
 *
 * @throws KeyDecryptionError when they were made with another SECRET_KEY
 */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const overlapMs = (options.tokenLifetimeSeconds + PICK_UP_SECONDS) * 1_000;
  let keys = await loadKeys(options);
  let lookedAt = Number.NEGATIVE_INFINITY;
  const isLive = ({ retiredAt }: SigningKey, now: Date) =>
    retiredAt === null || retiredAt.getTime() + overlapMs > now.getTime();

  async function reload(): Promise<void> {
    keys = await loadKeys(options);
  }

  return {
    get signing() {
      return keys.signing;
    },
    verifying: (now) => keys.all.filter((key) => isLive(key, now)),
    async find(kid, now) {
      const known = () => keys.all.find((key) => key.kid === kid);
      if (!known() && performance.now() - lookedAt >= LOOK_EVERY_MS) {
        lookedAt = performance.now();
        await reload();
      }
      const key = known();
      return key && isLive(key, now) ? key : null;
    },
    reload,
  };
}

async function loadKeys({ db, runWork, secretKey, tokenLifetimeSeconds }: KeyringOptions) {
  const sealer = createSealer(secretKey, 'signing-key');
  let stored = await findSigningKeys(db, tokenLifetimeSeconds);
  if (!stored.some(({ signs }) => signs)) {
    const made = await makeSigningKey(sealer);
    await runWork(system('auth'), ({ tx, now }) => insertSigningKeyIfNoneSigns(tx, made, now));
    stored = await findSigningKeys(db, tokenLifetimeSeconds);
  }
  const all = await Promise.all(stored.map((key) => openSigningKey(sealer, key)));
  const signing = all.find(({ signs }) => signs);
  if (!signing) throw new Error('the signing key was retired while it was being opened');
  return { signing, all };
}

/**
 * Makes a new key sign. The one before verifies until its last tokens have expired. Takes the
 * rights of the database's owner.
 *
 * @returns the new `kid`
 * @throws KeyDecryptionError when SECRET_KEY does not open the key that signs now
 */
export async function rotateKeys({ runWork, secretKey }: Pick<KeyringOptions, 'runWork' | 'secretKey'>) {
  const sealer = createSealer(secretKey, 'signing-key');
  const made = await makeSigningKey(sealer);
  return await runWork(system('cli'), async (work) => {
    await lockSigningKeys(work.tx);
    for (const key of await findSigningKeys(work.tx, 0)) sealer.open(key.privateKeyEncrypted, key.kid);
    await retireSigningKeys(work.tx, work.now);
    await insertSigningKeyIfNoneSigns(work.tx, made, work.now);
    // Keys belong to no venue, and events do: each venue's log says it.
    for (const { id } of await listAllVenues(work.tx)) {
      work.emit({ type: 'auth.key-rotated', venueId: id, kid: made.kid });
    }
    return made.kid;
  });
}

/** What `/.well-known/jwks.json` publishes (RFC 7517). */
export function publicKeysOf(keyring: Keyring, now: Date): JSONWebKeySet {
  const keys = keyring.verifying(now).map(({ kid, publicJwk }) => ({
    ...publicJwk,
    kid,
    alg: SIGNING_ALGORITHM,
    use: 'sig',
  }));
  return { keys };
}
