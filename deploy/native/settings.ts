import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

export type Settings = Readonly<Record<string, string>>;

export interface ReadSettings {
  /** Of both API processes, without where things are. */
  readonly settings: Settings;
  /** Whether the secrets were made just now, so that nobody has seen them yet. */
  readonly areNew: boolean;
}

const KEPT_IN = 'secrets.env';

/**
 * What the env file says. Where it leaves the secret key or the first ADMIN's password empty, the data folder
 * has its own, made at its first start.
 */
export async function readSettings(envFile: string, folder: string): Promise<ReadSettings> {
  const said = withoutEmpty(parseEnv(await readFile(envFile, 'utf8')));
  const kept = await readKept(folder);
  if (kept) return { settings: { ...kept, ...said }, areNew: false };
  const made = {
    SECRET_KEY: randomBytes(32).toString('base64'),
    ...(said.DEFAULT_USERNAME && { DEFAULT_PASSWORD: randomBytes(12).toString('base64url') }),
  };
  const lines = Object.entries(made).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, KEPT_IN), lines.join(''), { mode: 0o600, flag: 'wx' });
  return { settings: { ...made, ...said }, areNew: said.DEFAULT_PASSWORD === undefined };
}

async function readKept(folder: string): Promise<Settings | null> {
  const text = await readFile(join(folder, KEPT_IN), 'utf8').catch(() => null);
  return text === null ? null : withoutEmpty(parseEnv(text));
}

function withoutEmpty(variables: NodeJS.Dict<string>): Settings {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
