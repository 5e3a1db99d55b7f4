import type { Streams } from '../events/stream.ts';
import type { CommandDesk } from '../machine/command-desk.ts';
import type { SasLine } from '../machine/machine.ts';

declare module './context.ts' {
  interface Services {
    readonly streams: Streams;
    readonly commands: CommandDesk;
    /** How these serial lines of one venue are doing, beside what the server itself needs. */
    readonly venueHealth: (lines: readonly SasLine[]) => Promise<Health>;
  }
}
