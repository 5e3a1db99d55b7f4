import type { Streams } from '../events/stream.ts';
import type { CommandDesk } from '../machine/command-desk.ts';
import type { Machine, SasLine } from '../machine/machine.ts';

declare module './context.ts' {
  interface Services {
    readonly streams: Streams;
    readonly commands: CommandDesk;
    /** The name of the profile for what a machine says it is; null when none is meant for it. */
    readonly suggestedProfile: (machine: Machine) => string | null;
    /** How these serial lines of one venue are doing, beside what the server itself needs. */
    readonly venueHealth: (lines: readonly SasLine[]) => Promise<Health>;
  }
}
