import { createRequire } from 'node:module';

type Common = typeof import('@zxcvbn-ts/language-common');

const load = createRequire(import.meta.url);
let leaked: ReadonlySet<string> | null = null;

/**
 * The 49 000 passwords found most often where they leaked, in lower case. Loaded when the first password is
 * judged: they take 4 MB of memory, and time that a start has no use for.
 */
export function leakedPasswords(): ReadonlySet<string> {
  leaked ??= new Set((load('@zxcvbn-ts/language-common') as Common).dictionary['passwords-common']);
  return leaked;
}
