/** What is wrong with settings that each are well formed: one line for each problem. */
import { readFileSync } from 'node:fs';
import { type Variables, variables } from './environment.ts';
import { shortestLeaseMs } from './machine/line-lease.ts';

/** A password may begin with a blank or a quote, and a key that was in use with one opens what it sealed with it alone. */
const FREE = ['DEFAULT_PASSWORD', 'SECRET_KEY_OLD', 'JWT_SECRET_KEY_OLD'];

/** As a file of settings brings them along whose lines end as on Windows, or that is read to the letter. */
export function* blankProblems(present: Readonly<Record<string, string | undefined>>): Generator<string> {
  for (const [name, value = ''] of Object.entries(present))
    if (name in variables.shape && !FREE.includes(name) && value !== value.trim())
      yield `${name}: begins or ends with a blank`;
}

/** As of a line `KEY="value"` where no shell takes them away, such as with `docker run --env-file`. */
const QUOTED = /^(["']).*\1$/s;

export function* quoteProblems(present: Readonly<Record<string, string | undefined>>): Generator<string> {
  for (const [name, value = ''] of Object.entries(present))
    if (name in variables.shape && !FREE.includes(name) && QUOTED.test(value))
      yield `${name}: is in quotes, and they are part of it: write it without${IN_USE[name] ?? ''}`;
}

const inUse = (name: string, then: string): string =>
  `; if it was in use so, put it with its quotes into ${name}_OLD, ${then}`;

/** Of a key the value with its quotes is another one: what it sealed or signed nothing else opens. */
const IN_USE: Readonly<Record<string, string>> = {
  SECRET_KEY: inUse('SECRET_KEY', 'which opens what it sealed until `floorwire keys rewrap` has run'),
  JWT_SECRET_KEY: inUse('JWT_SECRET_KEY', 'so that tokens it has signed are accepted'),
};

/** The files that pg reads for a connection, by their names in `DATABASE_URL`. */
const TLS_FILES = ['sslrootcert', 'sslcert', 'sslkey'];

export function* databaseUrlProblems({
  DATABASE_URL: url,
}: Pick<Variables, 'DATABASE_URL'>): Generator<string> {
  if (url === undefined) return;
  const { searchParams } = new URL(url);
  for (const name of TLS_FILES) {
    const path = searchParams.get(name);
    const reason = path && whyNoPem(path);
    if (reason) yield `DATABASE_URL: ${name}=${path} cannot be used: ${reason}`;
  }
}

function whyNoPem(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').includes('-----BEGIN ') ? null : 'it is no PEM file';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const SECRET_KEY_MIN = 32;
/** Keys that stand in examples protect nothing. */
const PUBLISHED_KEY = /^(change|example|secret|replace|your)[-_ ]?/i;

export function* secretProblems(
  { SECRET_KEY: secretKey, SECRET_KEY_OLD: old }: Pick<Variables, 'SECRET_KEY' | 'SECRET_KEY_OLD'>,
  production: boolean,
): Generator<string> {
  if (old !== undefined && secretKey === old) yield 'SECRET_KEY_OLD: is the same as SECRET_KEY';
  if (secretKey !== undefined) yield* weakness('SECRET_KEY', secretKey, production);
  else if (production)
    yield `SECRET_KEY: is required in production: ${SECRET_KEY_MIN} random bytes or more, e.g. from \`openssl rand -base64 32\``;
}

function* weakness(name: string, secret: string, production: boolean): Generator<string> {
  if (Buffer.byteLength(secret) < SECRET_KEY_MIN) yield `${name}: takes ${SECRET_KEY_MIN} bytes or more`;
  else if (production && (PUBLISHED_KEY.test(secret) || new Set(secret).size < 8)) {
    yield `${name}: this one can be guessed; take random bytes`;
  }
}

/** What signs tokens is said in full or not at all: a secret that nothing uses would be taken for one that does. */
export function* jwtProblems(
  values: Pick<Variables, 'SECRET_KEY' | 'JWT_ALGORITHM' | 'JWT_SECRET_KEY' | 'JWT_SECRET_KEY_OLD'>,
  production: boolean,
): Generator<string> {
  const { JWT_ALGORITHM: algorithm, JWT_SECRET_KEY: secret, JWT_SECRET_KEY_OLD: old } = values;
  if (algorithm === 'HS256' && secret === undefined)
    yield `JWT_SECRET_KEY: is required with JWT_ALGORITHM=HS256: ${SECRET_KEY_MIN} random bytes or more`;
  for (const [name, value] of [
    ['JWT_SECRET_KEY', secret],
    ['JWT_SECRET_KEY_OLD', old],
  ] as const) {
    if (value === undefined) continue;
    if (algorithm !== 'HS256') yield `${name}: goes with JWT_ALGORITHM=HS256 only`;
    else if (value === values.SECRET_KEY) yield `${name}: must not be SECRET_KEY, which nobody else may know`;
    else yield* weakness(name, value, production);
  }
  if (secret !== undefined && secret === old) yield 'JWT_SECRET_KEY_OLD: is the same as JWT_SECRET_KEY';
}

/** It stands in the settings of what watches over the server, where no other secret belongs. */
export function* metricsProblems(
  values: Pick<Variables, 'METRICS_TOKEN' | 'SECRET_KEY' | 'JWT_SECRET_KEY'>,
  production: boolean,
): Generator<string> {
  const { METRICS_TOKEN: token } = values;
  if (token === undefined) return;
  if (!/^[\x21-\x7e]+$/.test(token)) yield 'METRICS_TOKEN: takes letters, digits and signs without blanks';
  else if (token === values.SECRET_KEY || token === values.JWT_SECRET_KEY)
    yield 'METRICS_TOKEN: must not be a key of this server';
  else yield* weakness('METRICS_TOKEN', token, production);
}

export function* leaseProblems({
  SAS_LEASE: leaseMs,
  SAS_LEASE_RENEWAL: renewalMs,
}: Pick<Variables, 'SAS_LEASE' | 'SAS_LEASE_RENEWAL'>): Generator<string> {
  const shortest = shortestLeaseMs(renewalMs);
  if (leaseMs < shortest)
    yield `SAS_LEASE: takes ${shortest}ms or more with SAS_LEASE_RENEWAL=${renewalMs}ms`;
}

/** What is said of a storage that is not used would be taken for one that is. */
export function* storageProblems(
  values: Pick<
    Variables,
    'STORAGE' | 'STORAGE_DIR' | 'S3_BUCKET' | 'S3_ENDPOINT' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'
  >,
): Generator<string> {
  const { STORAGE: storage, STORAGE_DIR: folder, ...s3 } = values;
  if (storage === 's3') {
    if (s3.S3_BUCKET === undefined) yield 'S3_BUCKET: is required with STORAGE=s3';
    if (folder !== undefined) yield 'STORAGE_DIR: goes with STORAGE=disk only';
    if ((s3.S3_ACCESS_KEY_ID === undefined) !== (s3.S3_SECRET_ACCESS_KEY === undefined))
      yield 'S3_ACCESS_KEY_ID: goes with S3_SECRET_ACCESS_KEY, and without both the environment of the process says';
    return;
  }
  for (const name of ['S3_BUCKET', 'S3_ENDPOINT', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const)
    if (s3[name] !== undefined) yield `${name}: goes with STORAGE=s3 only`;
}

export function* persistedDocumentsProblems({
  PERSISTED_DOCUMENTS: file,
  PERSISTED_DOCUMENTS_ONLY: isOnly,
}: Pick<Variables, 'PERSISTED_DOCUMENTS' | 'PERSISTED_DOCUMENTS_ONLY'>): Generator<string> {
  if (isOnly && file === undefined)
    yield 'PERSISTED_DOCUMENTS: is required with PERSISTED_DOCUMENTS_ONLY=1, which runs no other documents';
}
