import { rotateKeys } from '../auth/keyring.ts';
import { rewrapSecrets } from '../auth/rewrapping.ts';
import { listSigningKeys, PICK_UP_SECONDS } from '../auth/signing-key-store.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { Running } from '../lib/running.ts';
import { createRunWork } from '../work.ts';
import { CommandError } from './command-error.ts';
import { reachMigrated } from './database.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Makes a new key sign; running servers take it up by themselves. */
export async function rotateKeysCommand(
  config: Config,
  { revokeOld }: { readonly revokeOld: boolean },
): Promise<void> {
  if (config.jwtSecrets.length > 0) {
    throw new CommandError(
      'Tokens are signed with JWT_SECRET_KEY: put another there, and the one before into JWT_SECRET_KEY_OLD.',
    );
  }
  await using owner = await asOwner(config);
  const { runWork } = owner;
  const { secretKey, secretKeyOld } = config;
  const { kid, revoked } = await rotateKeys({ runWork, secretKey, secretKeyOld, revokeOld });
  say(`Tokens are signed with ${kid} from now on.`);
  for (const old of revoked) say(`Tokens signed with ${old} are refused from now on.`);
}

/** Seals with SECRET_KEY whatever SECRET_KEY_OLD opens. */
export async function rewrapKeysCommand(config: Config): Promise<void> {
  const { secretKey, secretKeyOld } = config;
  if (secretKeyOld === null)
    throw new CommandError(
      'keys rewrap takes the new key as SECRET_KEY and the one before as SECRET_KEY_OLD.',
    );
  await using owner = await asOwner(config);
  const outcomes = await rewrapSecrets({ runWork: owner.runWork, secretKey, secretKeyOld });
  for (const { table, rewrapped, untouched } of outcomes)
    say(`${table}: ${rewrapped} rewrapped, ${untouched} sealed with SECRET_KEY before`);
  say('SECRET_KEY opens everything now. SECRET_KEY_OLD can go.');
}

/** Prints every signing key of the database, and what it is still good for. */
export async function listKeysCommand(config: Config): Promise<void> {
  if (config.jwtSecrets.length > 0)
    say('Tokens are signed with JWT_SECRET_KEY; the keys below sign nothing.');
  await using owner = await asOwner(config);
  const overlapMs = (config.accessTokenMinutes * 60 + PICK_UP_SECONDS) * 1_000;
  for (const { kid, algorithm, createdAt, retiredAt } of await listSigningKeys(owner.db)) {
    say([kid, algorithm, `made ${isoSeconds(createdAt)}`, ...standing(retiredAt, overlapMs)].join('  '));
  }
}

function standing(retiredAt: Date | null, overlapMs: number): readonly string[] {
  if (retiredAt === null) return ['signs'];
  const until = new Date(retiredAt.getTime() + overlapMs);
  const retired = `retired ${isoSeconds(retiredAt)}`;
  return until.getTime() > Date.now()
    ? [retired, `verifies until ${isoSeconds(until)}`]
    : [retired, 'verifies nothing any more'];
}

const isoSeconds = (date: Date): string => date.toISOString().replace(/\.\d+/, '');

/** The database with the rights of its owner: the application may not change its keys. */
async function asOwner(config: Config) {
  const parts = new Running();
  const { connection } = parts.add(await reachMigrated(config));
  const { db } = parts.add(openDatabase({ connection, poolSize: 2, applicationName: 'floorwire keys' }));
  const runWork = createRunWork({ db, onEvents: () => {} });
  return { db, runWork, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}
