import type { Streams } from '../events/stream.ts';
import type { AftDesk } from '../machine/aft-desk.ts';
import type { CommandDesk } from '../machine/command-desk.ts';
import type { DiscoveryDesk } from '../machine/discovery-desk.ts';
import type { SasLine } from '../machine/machine.ts';
import type { SeenIdentity } from '../machine/suggested-profile.ts';

declare module './context.ts' {
  interface Services {
    readonly streams: Streams;
    readonly commands: CommandDesk;
    readonly discoveries: DiscoveryDesk;
    readonly transfers: AftDesk;
    /** The name of the profile for what a machine says it is; null when none is meant for it, or it has said nothing. */
    readonly suggestedProfile: (seen: SeenIdentity | null) => string | null;
    /** How these serial lines of one venue are doing, beside what the server itself needs. */
    readonly venueHealth: (lines: readonly SasLine[]) => Promise<Health>;
  }
}
