import { resolve } from 'node:path';
import { openLinePort } from '../sas/host/line-port.ts';
import { type MachineProfiles, stylesOf, timingOf } from '../sas/host/machine-profile.ts';
import type { Port } from '../sas/host/port.ts';
import type { HostTiming } from '../sas/host/profiles.ts';
import { parsePortAddress } from '../sas/host/wakeup-mode.ts';
import type { Machine, SasLine } from './machine.ts';

/** How a line is to be driven, by its configuration and the profiles it and its machines name. */
export interface LinePlan {
  /** @throws Error with the reason the port cannot be opened */
  readonly open: () => Promise<Port>;
  readonly timing: HostTiming;
  /** The addresses whose machines restart by entering and leaving maintenance mode. */
  readonly restarting: ReadonlySet<number>;
  /** Names for which there is no profile: SAS as it is written counts instead. */
  readonly unknownProfiles: readonly string[];
}

export interface LinePlanOptions {
  readonly line: SasLine;
  readonly machines: readonly Machine[];
  readonly profiles: MachineProfiles;
  /** Where a relative path starts. */
  readonly portFolder: string;
}

export function planLine({ line, machines, profiles, portFolder }: LinePlanOptions): LinePlan {
  const find = ({ profile }: { readonly profile: string | null }) =>
    (profile === null ? null : profiles.get(profile)) ?? null;
  const styles = stylesOf({
    line: find(line),
    machines: machines.map((machine) => ({ address: machine.address, profile: find(machine) })),
  });
  const named = [line, ...machines].flatMap(({ profile }) => profile ?? []);
  return {
    timing: timingOf(line.wakeupMode, find(line)),
    restarting: new Set(
      machines
        .filter((machine) => (find(machine) ?? find(line))?.restart === 'MAINTENANCE_MODE')
        .map(({ address }) => address),
    ),
    unknownProfiles: [...new Set(named)].filter((name) => !profiles.has(name)),
    async open() {
      const address = parsePortAddress(line.port);
      if (address === null) throw new Error(`${line.port} is neither a path nor tcp://host:port.`);
      return await openLinePort({
        address:
          address.kind === 'TCP' ? address : { kind: 'DEVICE', path: resolve(portFolder, address.path) },
        wakeupMode: line.wakeupMode,
        styles,
      });
    },
  };
}
