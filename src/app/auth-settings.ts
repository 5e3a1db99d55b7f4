import type { AuthOptions } from '../auth/service.ts';
import type { Config } from '../config.ts';

/** What identity takes of the settings, in the server and in commands alike. */
export const authSettingsOf = (config: Config) =>
  ({
    requireVerifiedEmail: config.requireVerifiedEmail,
    oauth: config.oauth,
    secretKey: config.secretKey,
    secretKeyOld: config.secretKeyOld,
    jwtSecrets: config.jwtSecrets,
    issuer: config.publicUrl ?? 'floorwire',
    accessTokenTtlSeconds: config.accessTokenMinutes * 60,
    sessionTtlSeconds: config.sessionLifetimeMs / 1000,
    lockOut: config.lockOut,
    passwordPolicy: config.passwordPolicy,
    hashCost: config.hashCost,
  }) satisfies Partial<AuthOptions>;
