import { type MachineProfiles, type SeenIdentity, suggestProfile } from '../sas/host/machine-profile.ts';

export type { SeenIdentity };

/** The profile for what a machine says it is; null when none is meant for it, or it has said nothing. */
export const suggestedProfileOf = (profiles: MachineProfiles, seen: SeenIdentity | null): string | null =>
  seen && suggestProfile(profiles, seen);
