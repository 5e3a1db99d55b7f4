import { type MachineProfiles, suggestProfile } from '../sas/host/machine-profile.ts';
import type { Machine } from './machine.ts';

/** The profile for what the machine says it is; null when none is meant for it, or it has said nothing. */
export const suggestedProfileOf = (profiles: MachineProfiles, { identity }: Machine): string | null =>
  identity && suggestProfile(profiles, identity);
