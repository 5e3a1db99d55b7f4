import type { Streams } from '../events/stream.ts';
import type { CommandDesk } from '../machine/command-desk.ts';

declare module './context.ts' {
  interface Services {
    readonly streams: Streams;
    readonly commands: CommandDesk;
    /** How the serial lines and machines of one venue are doing, beside what the server itself needs. */
    readonly venueHealth: (venueId: string) => Promise<Health>;
  }
}
