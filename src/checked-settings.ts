import { resolve } from 'node:path';
import { passwordPolicy } from './auth/password.ts';
import { ConfigError } from './config-error.ts';
import { type Variables, variables } from './environment.ts';
import { readFirstAdmin } from './first-admin.ts';
import { misspeltSettings, sayMisspelt } from './misspelt-settings.ts';
import { readOAuth } from './oauth-settings.ts';
import {
  blankProblems,
  databaseUrlProblems,
  jwtProblems,
  leaseProblems,
  metricsProblems,
  persistedDocumentsProblems,
  quoteProblems,
  secretProblems,
  storageProblems,
} from './setting-problems.ts';

/** What can be said of the settings before anything is touched. @throws ConfigError */
export function checkSettings(environment: NodeJS.ProcessEnv) {
  const values = parseSettings(environment);
  const production = values.NODE_ENV === 'production';
  const problems = [
    ...databaseUrlProblems(values),
    ...secretProblems(values, production),
    ...jwtProblems(values, production),
    ...metricsProblems(values, production),
    ...leaseProblems(values),
    ...storageProblems(values),
    ...persistedDocumentsProblems(values),
  ];
  if (production && values.DEMO)
    problems.push('DEMO: a demo venue has well-known passwords and does not go with NODE_ENV=production');
  const passwords = passwordPolicy(values.PASSWORD_POLICY, values.PASSWORD_MIN_LENGTH);
  const { firstAdmin, problems: firstAdminProblems } = readFirstAdmin(values, {
    production,
    passwordPolicy: passwords,
  });
  problems.push(...firstAdminProblems);
  if (firstAdmin && values.DEMO)
    problems.push('DEFAULT_USERNAME: the demo venue of DEMO=1 has an ADMIN of its own');
  const { oauth, problems: oauthProblems } = readOAuth(values, production);
  problems.push(...oauthProblems);
  if (values.SMTP_URL && !values.MAIL_FROM) problems.push('MAIL_FROM: is required with SMTP_URL');
  if (production && values.REQUIRE_VERIFIED_EMAIL && !values.SMTP_URL)
    problems.push('REQUIRE_VERIFIED_EMAIL: takes a mail server in production: set SMTP_URL');
  if (problems.length > 0) throw new ConfigError([...problems, ...misspeltIn(environment)]);
  const dataDir = resolve(values.DATA_DIR);
  return { values, production, dataDir, passwords, firstAdmin, oauth };
}

/** Each variable by itself; empty ones count as unset. @throws ConfigError */
export function parseSettings(environment: NodeJS.ProcessEnv): Variables {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(present);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${String(path[0])}: ${message}`),
    ...blankProblems(present),
    ...quoteProblems(present),
  ];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new ConfigError([...new Set(problems), ...misspeltIn(environment)]);
}

/** As where services are linked: FLOORWIRE_PORT leads to one that is called floorwire. */
const LINK = /^(?:tcp|udp|sctp):\/\//;

/** What is in the environment under a name that is almost one of a setting: one line for each, without its value. */
export function misspeltIn(environment: NodeJS.ProcessEnv): readonly string[] {
  const names = Object.keys(environment).filter((name) => !LINK.test(environment[name] ?? ''));
  return misspeltSettings(names, Object.keys(variables.shape)).map(sayMisspelt);
}
