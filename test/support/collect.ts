/** The garbage collector of this process, whatever flags it was started with. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects what nobody holds: everything, or only what is young. */
export const collect: (kind?: { readonly type: 'minor' }) => void = runInNewContext('gc');
