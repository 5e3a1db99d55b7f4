import { text } from 'node:stream/consumers';
import { authSettingsOf } from '../app/auth-settings.ts';
import { createAuth } from '../auth/service.ts';
import { readTokenClaims } from '../auth/token-claims.ts';
import type { Config } from '../config.ts';
import { APP_ROLE, openDatabase } from '../db/database.ts';
import { DomainError } from '../lib/errors.ts';
import { createRunWork } from '../work.ts';
import { CommandError } from './command-error.ts';
import { reachMigrated } from './database.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Reads an access token from standard input, where no list of processes shows it, and prints what it
 * says and whether the installation takes it now. Ends with 1 when it does not.
 *
 * @throws CommandError for what is no access token
 */
export async function inspectTokenCommand(config: Config): Promise<void> {
  const token = (await text(process.stdin)).trim();
  const claims = readTokenClaims(token);
  if (!claims) throw new CommandError('token inspect takes an access token on standard input.');
  // As JSON: a forged token may say anything, to a terminal too.
  say(`subject  ${JSON.stringify(claims.subject)}`);
  say(`venue    ${JSON.stringify(claims.venue)}`);
  say(`session  ${JSON.stringify(claims.session)}`);
  say(`key      ${JSON.stringify(claims.kid)}`);
  say(`expires  ${claims.expiresAt?.toISOString() ?? 'it does not say when'}`);
  const refusal = await refusalOf(config, token);
  say(refusal ? `refused  ${refusal.code} ${refusal.message}` : 'valid');
  if (refusal) process.exitCode = 1;
}

/** Why the installation refuses the token, null when it does not. */
async function refusalOf(config: Config, token: string): Promise<DomainError | null> {
  await using database = await reachMigrated(config);
  const { connection } = database;
  await using floor = openDatabase({
    connection,
    poolSize: 2,
    applicationName: 'floorwire token',
    role: APP_ROLE,
  });
  const auth = await createAuth({
    ...authSettingsOf(config),
    db: floor.db,
    runWork: createRunWork({ db: floor.db, onEvents: () => {} }),
  });
  try {
    await auth.authenticate(token);
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.code.startsWith('AUTH_')) return error;
    throw error;
  }
}
