import { parse, visit } from 'graphql';
import { expect } from 'vitest';
import { afterEachFile } from './each-file.ts';

/**
 * Whatever secret a test file sends to floorwire or is told by it must be in nothing that floorwire
 * writes: not in the lines of its log, not in an event. Whoever imports this is watched; the file
 * fails at its end when one was found.
 */

const SECRET = /password|token|secret|challenge|verifier|recoverycodes|pairingcode|^uri$|^email$|^newemail$/i;
/** Named like secrets and none. */
const PLAIN = /^(tokenType|tokenParameter|tokenParameters|minPasswordLength)$/i;
/** Shorter ones are words of their own: `text`, `Bearer`. */
const MIN_LENGTH = 8;

const secrets = new Map<string, string>();
const outputs: { readonly name: string; readonly read: () => string }[] = [];

/** Everything in here under the name of a secret is one. */
export function noteSecrets(value: unknown, key = ''): void {
  if (typeof value === 'string') {
    if (value.length >= MIN_LENGTH && SECRET.test(key) && !PLAIN.test(key)) secrets.set(value, key);
  } else if (Array.isArray(value)) {
    for (const entry of value) noteSecrets(entry, key);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) noteSecrets(inner, name);
  }
}

/** The same of a request or an answer as JSON, and of the literals in its document. */
export function noteSecretsOfJson(text: string): void {
  const json = readJson(text);
  noteSecrets(json);
  const query = (json as { query?: unknown } | null)?.query;
  if (typeof query === 'string') noteSecretsOfDocument(query);
}

function noteSecretsOfDocument(query: string): void {
  try {
    visit(parse(query), {
      ObjectField: ({ name, value }) => value.kind === 'StringValue' && noteSecrets(value.value, name.value),
      Argument: ({ name, value }) => value.kind === 'StringValue' && noteSecrets(value.value, name.value),
    });
  } catch {
    // Some tests send what is no document.
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Looked through at the end of the file. */
export function watchOutput(name: string, read: () => string): void {
  outputs.push({ name, read });
}

const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  if (typeof init?.body === 'string') noteSecretsOfJson(init.body);
  const response = await fetch(input, init);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  if (isJson) noteSecretsOfJson(await response.clone().text());
  return response;
};

afterEachFile(() => {
  const told = new Map(secrets);
  secrets.clear();
  for (const { name, read } of outputs.splice(0)) {
    const text = read();
    const found = [...told].filter(([secret]) => text.includes(secret)).map(([, key]) => key);
    expect(found, `secrets in ${name}`).toEqual([]);
    expect(text, `password hashes in ${name}`).not.toContain('$argon2id$');
    expect(text, `tokens in ${name}`).not.toMatch(/\beyJ[\w-]{10,}\.[\w-]{10,}\./);
  }
});
