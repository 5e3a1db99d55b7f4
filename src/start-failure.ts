import { KeyDecryptionError } from './auth/errors.ts';
import { CommandError } from './cli/command-error.ts';
import { ConfigError } from './config-error.ts';
import { DatabaseSetupError, isConnectionError } from './db/errors.ts';
import { AddressRefusedError } from './http/errors.ts';

/**
 * Says why floorwire cannot start and sets the exit code: what a person can put right in one
 * line each, anything else with its stack.
 */
export function explainFailure(error: unknown): void {
  process.exitCode = 1;
  process.stderr.write(`${explanationOf(error).join('\n')}\n`);
}

/** The lines of it. */
export function explanationOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems.map((problem) => `floorwire: ${problem}`);
  if (!(error instanceof Error)) return [`floorwire: ${String(error)}`];
  const isPlain =
    error instanceof CommandError ||
    error instanceof DatabaseSetupError ||
    error instanceof KeyDecryptionError ||
    error instanceof AddressRefusedError;
  if (isPlain) return [`floorwire: ${error.message}`];
  if (isConnectionError(error)) return [`floorwire: PostgreSQL cannot be reached: ${error.message}`];
  if (isSystemError(error)) return [`floorwire: ${error.message}`];
  return [`floorwire: ${error.stack ?? error.message}`];
}

/** A refusal of the operating system: its message names the call and the file or address. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error && 'code' in error;
}
