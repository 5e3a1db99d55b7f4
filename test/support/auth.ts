import { type AuthOptions, type AuthServices, createAuth } from '../../src/auth/service.ts';
import type { FloorDatabase } from '../../src/db/database.ts';
import type { UserActor } from '../../src/lib/actor.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { PASSWORD } from './builders.ts';
import { HASH_COST } from './hash-cost.ts';

export const ISSUER = 'http://127.0.0.1:8000';
export const SECRET_KEY = 'e5Vb0kQe1nTgEwXrL0mXoJrYd9qYd3Zs';
export const TOKEN_SECONDS = 3_600;
export const SESSION_SECONDS = 30 * 86_400;

/** Units of work on a test's database; nobody is woken by their events. */
export const runWorkOn = ({ db }: FloorDatabase): RunWork => createRunWork({ db, onEvents: () => {} });

/** Identity as the application has it, on a test's database. */
export const anAuth = (floor: FloorDatabase, options: Partial<AuthOptions> = {}): Promise<AuthServices> =>
  createAuth({
    db: floor.db,
    runWork: runWorkOn(floor),
    secretKey: SECRET_KEY,
    issuer: ISSUER,
    accessTokenTtlSeconds: TOKEN_SECONDS,
    sessionTtlSeconds: SESSION_SECONDS,
    hashCost: HASH_COST,
    ...options,
  });

/** Who signs in with the password of built users, as what he asks then comes from him. */
export async function signedIn(
  auth: Pick<AuthServices, 'login' | 'actorOf'>,
  { email }: { readonly email: string },
): Promise<UserActor> {
  const { accessToken } = await auth.login({ identifier: email, password: PASSWORD }, {});
  return await auth.actorOf(accessToken);
}
