import { execFile } from 'node:child_process';
import { UploadRejectedError } from './errors.ts';

/** Looks for what must not be taken, until it is told to stop. @throws UploadRejectedError when it found something */
export type Scanner = (path: string, signal: AbortSignal) => Promise<void>;

/** Where nobody scans. */
export const NO_SCANNER: Scanner = async () => {};

/** What programs of virus scanners answer with when they found something. */
const FOUND = 1;
const TIMEOUT_MS = 5 * 60_000;
/** It gets nothing of the server's environment, which holds its secrets. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin' };

/**
 * A program that is given the path of each file as its last argument, and ends with 0 when nothing is wrong with it and
 * with 1 when it must not be taken. Whatever else it does is a fault, and the file is not taken either.
 */
export function commandScanner([program = '', ...args]: readonly string[], timeoutMs = TIMEOUT_MS): Scanner {
  return (path, signal) =>
    new Promise((resolve, reject) => {
      execFile(
        program,
        [...args, path],
        { env: ENVIRONMENT, timeout: timeoutMs, signal, killSignal: 'SIGKILL' },
        (error) => {
          if (!error) resolve();
          else if (error.code === FOUND)
            reject(new UploadRejectedError('SCANNER', 'The scanner refuses the file.', { cause: error }));
          else reject(new Error('the scanner of UPLOAD_SCANNER did not scan a file', { cause: error }));
        },
      );
    });
}
