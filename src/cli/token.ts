import { text } from 'node:stream/consumers';
import { authSettingsOf } from '../app/auth-settings.ts';
import { SocketTokenRefusedError } from '../auth/errors.ts';
import { isRealtimeToken, realtimeTokenHash } from '../auth/realtime-token.ts';
import { type InspectedToken, inspectRealtimeToken } from '../auth/realtime-token-service.ts';
import { type AuthServices, createAuth } from '../auth/service.ts';
import { readTokenClaims } from '../auth/token-claims.ts';
import type { Config } from '../config.ts';
import { APP_ROLE, openDatabase } from '../db/database.ts';
import { system } from '../lib/actor.ts';
import { DomainError } from '../lib/errors.ts';
import { createRunWork, type RunWork } from '../work.ts';
import { CommandError } from './command-error.ts';
import { reachMigrated } from './database.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Reads an access token or a realtime token from standard input, where no list of processes shows it, and prints
 * what it says and whether the installation takes it now; it does not use it up. Ends with 1 when it does not.
 *
 * @throws CommandError for what is neither
 */
export async function inspectTokenCommand(config: Config): Promise<void> {
  const token = (await text(process.stdin)).trim();
  if (isRealtimeToken(token)) await inspectRealtime(config, token);
  else await inspectAccess(config, token);
}

async function inspectAccess(config: Config, token: string): Promise<void> {
  const claims = readTokenClaims(token);
  if (!claims) throw notOne();
  // As JSON: a forged token may say anything, to a terminal too.
  say(`subject  ${JSON.stringify(claims.subject)}`);
  say(`venue    ${JSON.stringify(claims.venue)}`);
  say(`session  ${JSON.stringify(claims.session)}`);
  say(`key      ${JSON.stringify(claims.kid)}`);
  say(`expires  ${claims.expiresAt?.toISOString() ?? 'it does not say when'}`);
  const refusal = await asInstallation(config, ({ auth }) => refusalOf(() => auth.authenticate(token)));
  judge(refusal);
  const { issuer } = authSettingsOf(config);
  if (refusal && claims.issuer !== issuer) {
    const [said, expected] = [JSON.stringify(claims.issuer), JSON.stringify(issuer)];
    say(
      `issuer   the token is of ${said}, and here it would be of ${expected}: set PUBLIC_URL as the server has it`,
    );
  }
}

async function inspectRealtime(config: Config, token: string): Promise<void> {
  const hash = realtimeTokenHash(token);
  if (!hash) throw notOne();
  await asInstallation(config, async ({ auth, runWork }) => {
    const kept = await runWork(system('token inspect'), (work) => inspectRealtimeToken(work, hash));
    if (!kept) return judge(new SocketTokenRefusedError(NOTHING_KEPT));
    const { holder, expiresAt, singleUse, isExpired } = kept;
    say(`subject  ${JSON.stringify(subjectOf(holder))}`);
    say(`venue    ${JSON.stringify(holder.venueId)}`);
    if (holder.kind !== 'partner') say(`session  ${JSON.stringify(holder.sessionId)}`);
    say(`opens    ${singleUse ? 'one socket: it is unused' : 'any number of sockets'}`);
    say(`expires  ${expiresAt.toISOString()}`);
    judge(
      isExpired ? new SocketTokenRefusedError(EXPIRED) : await refusalOf(() => auth.refreshActor(holder)),
    );
  });
}

const NOTHING_KEPT =
  'Nothing is kept of it: it was used, its session or API key was ended, it expired, or it is of another installation.';
const EXPIRED = 'The realtime token has expired.';

function subjectOf(holder: InspectedToken['holder']): string {
  switch (holder.kind) {
    case 'user':
      return holder.userId;
    case 'device':
      return holder.deviceId;
    case 'partner':
      return holder.apiKeyId;
  }
}

const notOne = () =>
  new CommandError('token inspect takes an access token or a realtime token on standard input.');

/** Says the verdict, and ends with 1 unless it is good. */
function judge(refusal: DomainError | null): void {
  say(refusal ? `refused  ${refusal.code} ${refusal.message}` : 'valid');
  if (refusal) process.exitCode = 1;
}

/** Why the installation refuses a token, null when it does not. */
async function refusalOf(ask: () => Promise<unknown>): Promise<DomainError | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.code.startsWith('AUTH_')) return error;
    throw error;
  }
}

/** What a server of these settings would have at hand. */
async function asInstallation<T>(
  config: Config,
  use: (parts: { readonly auth: AuthServices; readonly runWork: RunWork }) => Promise<T>,
): Promise<T> {
  await using database = await reachMigrated(config);
  const { connection } = database;
  await using floor = openDatabase({
    connection,
    poolSize: 2,
    applicationName: 'floorwire token',
    role: APP_ROLE,
  });
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const auth = await createAuth({ ...authSettingsOf(config), db: floor.db, runWork });
  return await use({ auth, runWork });
}
