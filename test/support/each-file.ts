/** Set aside by modules of `support`: what is to be done at the end of every test file. */
const endings: (() => unknown)[] = [];

/**
 * As `afterAll` of a test file, for a module that several of them import: it is loaded once for all the files
 * that a process runs, and an `afterAll` of its own would be heard by the first alone.
 */
export function afterEachFile(end: () => unknown): void {
  endings.push(end);
}

/** The latest first, and all of them, whatever one throws. */
export async function endFile(): Promise<void> {
  const errors: unknown[] = [];
  for (const end of [...endings].reverse()) {
    try {
      await end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('\n'));
}
