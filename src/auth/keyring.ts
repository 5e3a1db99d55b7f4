import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import { createSealer, type SecretKeys } from './sealing.ts';
import { makeSigningKey, openSigningKey, SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts';
import {
  deleteRetiredSigningKeys,
  findSigningKeys,
  insertSigningKeyIfNoneSigns,
  lockSigningKeys,
  PICK_UP_SECONDS,
  retireSigningKeys,
} from './signing-key-store.ts';
import type { TokenKeys } from './token-keys.ts';
import { listAllVenues } from './venue-store.ts';

/** The keys this process signs and verifies with, as it last read them. */
export interface Keyring {
  readonly signing: SigningKey;
  /** Those whose tokens are accepted at this moment, the one that signs included. */
  verifying(now: Date): SigningKey[];
  /** Looks into the database, at most once a second and for all who ask meanwhile, for a `kid` it does not know. */
  find(kid: string, now: Date): Promise<SigningKey | null>;
  /** Takes up what changed in the database. @throws KeyDecryptionError */
  reload(): Promise<void>;
}

export interface KeyringOptions extends SecretKeys {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly tokenLifetimeSeconds: number;
}

/** Made-up kids must not become queries. */
const LOOK_EVERY_MS = 1_000;
/** A SHA-256 in base64url: no other kid was ever given out. */
const KID = /^[A-Za-z0-9_-]{43}$/;

/**
 * Opens the keys kept in the database, and makes the first one when there is none. Processes
 * that start at once end up with the same.
 *
 * @throws KeyDecryptionError when they were made with another SECRET_KEY
 */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const overlapMs = (options.tokenLifetimeSeconds + PICK_UP_SECONDS) * 1_000;
  let keys = await loadKeys(options, []);
  let loading = Promise.resolve();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let nextLook: Promise<void> | null = null;
  const isLive = ({ retiredAt }: SigningKey, now: Date) =>
    retiredAt === null || retiredAt.getTime() + overlapMs > now.getTime();

  /** One after the other, so that what was read earlier never takes the place of what was read later. */
  function reload(): Promise<void> {
    loading = loading
      .catch(() => {})
      .then(async () => {
        keys = await loadKeys(options, keys.all);
      });
    return loading;
  }

  /** Whoever misses a key waits for the same look, so that made-up kids take it from nobody. */
  function look(): Promise<void> {
    nextLook ??= (async () => {
      await pause(Math.max(lookedAt + LOOK_EVERY_MS - performance.now(), 0));
      lookedAt = performance.now();
      nextLook = null;
      await reload();
    })();
    return nextLook;
  }

  return {
    get signing() {
      return keys.signing;
    },
    verifying: (now) => keys.all.filter((key) => isLive(key, now)),
    async find(kid, now) {
      if (!KID.test(kid)) return null;
      const known = () => keys.all.find((key) => key.kid === kid);
      if (!known()) await look();
      const key = known();
      return key && isLive(key, now) ? key : null;
    },
    reload,
  };
}

/** Those that are open already stay so: what a seal vouched for once needs no SECRET_KEY again. */
async function loadKeys(
  { db, runWork, tokenLifetimeSeconds, ...secretKeys }: KeyringOptions,
  open: readonly SigningKey[],
) {
  const sealer = createSealer(secretKeys, 'signing-key');
  let stored = await findSigningKeys(db, tokenLifetimeSeconds);
  if (!stored.some(({ signs }) => signs)) {
    const made = await makeSigningKey(sealer);
    await runWork(system('auth'), ({ tx, now }) => insertSigningKeyIfNoneSigns(tx, made, now));
    stored = await findSigningKeys(db, tokenLifetimeSeconds);
  }
  const all = await Promise.all(
    stored.map(async (key) => {
      const known = open.find(({ kid }) => kid === key.kid);
      return known
        ? { ...known, signs: key.signs, retiredAt: key.retiredAt }
        : await openSigningKey(sealer, key);
    }),
  );
  const signing = all.find(({ signs }) => signs);
  if (!signing) throw new Error('the signing key was retired while it was being opened');
  return { signing, all };
}

export interface Rotation {
  /** Of the key that signs now. */
  readonly kid: string;
  /** The keys that verify nothing any more. */
  readonly revoked: readonly string[];
}

/**
 * Makes a new key sign. The one before verifies until its last tokens have expired; with `revokeOld`
 * all before it verify nothing from now on: what their tokens opened closes in every process, and whoever holds
 * one has to refresh. Takes the rights of the database's owner.
 *
 * @throws KeyDecryptionError when SECRET_KEY does not open the key that signs now
 */
export async function rotateKeys({
  runWork,
  revokeOld = false,
  ...secretKeys
}: SecretKeys & { readonly runWork: RunWork; readonly revokeOld?: boolean }): Promise<Rotation> {
  const sealer = createSealer(secretKeys, 'signing-key');
  const made = await makeSigningKey(sealer);
  return await runWork(system('cli'), async (work) => {
    await lockSigningKeys(work.tx);
    for (const key of await findSigningKeys(work.tx, 0)) sealer.open(key.privateKeyEncrypted, key.kid);
    await retireSigningKeys(work.tx, work.now);
    const revoked = revokeOld ? await deleteRetiredSigningKeys(work.tx) : [];
    await insertSigningKeyIfNoneSigns(work.tx, made, work.now);
    // Keys belong to no venue, and events do: each venue's log says it.
    for (const { id: venueId } of await listAllVenues(work.tx)) {
      for (const kid of revoked) work.emit({ type: 'auth.key-revoked', venueId, kid });
      work.emit({ type: 'auth.key-rotated', venueId, kid: made.kid });
    }
    return { kid: made.kid, revoked };
  });
}

/** The keyring as tokens are signed and checked with it. */
export function keyPairs(keyring: Keyring): TokenKeys {
  return {
    algorithm: SIGNING_ALGORITHM,
    get signing() {
      const { kid, privateKey } = keyring.signing;
      return { kid, key: privateKey };
    },
    async find(kid, now) {
      const key = await keyring.find(kid ?? '', now);
      return key ? [{ id: key.kid, key: key.publicKey }] : [];
    },
    accepts: (keyId, now) => keyring.verifying(now).some(({ kid }) => kid === keyId),
    published: (now) => ({
      keys: keyring
        .verifying(now)
        .map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: SIGNING_ALGORITHM, use: 'sig' })),
    }),
    reload: () => keyring.reload(),
  };
}
