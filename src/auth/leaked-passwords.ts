import { dictionary } from '@zxcvbn-ts/language-common';

/** The 49 000 passwords found most often where they leaked, in lower case: 4 MB of memory. */
export const LEAKED_PASSWORDS: ReadonlySet<string> = new Set(dictionary['passwords-common']);
