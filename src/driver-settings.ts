import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ConfigError } from './config-error.ts';
import type { Variables } from './environment.ts';
import type { LeaseTimes } from './machine/line-lease.ts';
import { type MachineProfiles, parseProfiles } from './sas/host/machine-profile.ts';
import { MACHINE_PROFILES } from './sas/host/profiles.ts';

/** How this process drives serial lines. */
export interface DriverSettings extends LeaseTimes {
  /** What people know it by. */
  readonly name: string;
  /** It drives the lines whose `drivenBy` is one of these: none at all when there are none. */
  readonly drives: readonly string[];
  /** How machines and adapters that need something beyond SAS as it is written are driven. */
  readonly profiles: MachineProfiles;
  /** How far the clock of a machine may be off before it is set; null leaves clocks alone. */
  readonly clockDriftMs: number | null;
}

/** @throws ConfigError */
export const driverSettings = (values: Variables): DriverSettings => ({
  name: values.SAS_DRIVER_NAME ?? hostname(),
  drives: values.SAS_DRIVES,
  profiles: readProfiles(values.SAS_PROFILES_FILE),
  clockDriftMs: values.SAS_CLOCK_DRIFT,
  leaseMs: values.SAS_LEASE,
  renewalMs: values.SAS_LEASE_RENEWAL,
});

/** The built-in profiles, with those of a file over them. */
function readProfiles(file: string | undefined): MachineProfiles {
  if (file === undefined) return MACHINE_PROFILES;
  try {
    return parseProfiles(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`SAS_PROFILES_FILE: ${file} cannot be used: ${reason}`]);
  }
}
