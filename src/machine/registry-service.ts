import {
  NotFoundError,
  NotOwnerError,
  neededForNew,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import { forgetDiscoveredAddress, forgetDiscoveredAddresses } from './discovered-address-store.ts';
import { forgetDiscovery } from './discovery-store.ts';
import { LineInUseError } from './errors.ts';
import { findLinesByIds } from './line-store.ts';
import type { Machine, SasLine } from './machine.ts';
import { canConfigureMachines, canSeeMachines } from './policy.ts';
import { type LineSettings, type MachineSettings, parseLine, parseMachine } from './registry.ts';
import {
  addLine,
  addMachine,
  lockLine,
  markLineRemoved,
  markRemoved,
  moveMachine,
  updateLineSettings,
} from './registry-store.ts';
import { findMachine, listMachinesOfLine, lockMachineRow } from './store.ts';

/** Of an installation that says nothing about drivers. */
const USUAL_DRIVERS = 'main';

/** What is null or left out stays; a profile that is null is none. */
type Given<Settings> = { readonly [Key in keyof Settings]?: Settings[Key] | null | undefined };

/** What of a line is said; what is left out stays, and has to be said of a new one. */
export interface LineConfiguration extends Given<LineSettings> {
  readonly venueId: string;
  /** Null for a new one. */
  readonly lineId: string | null;
  readonly expectedVersion: number | null;
}

/**
 * Adds a line, or changes one. Whoever drives it is told by an event. What changes nothing is no change.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError, LineNameTakenError, PortTakenError
 */
export async function configureSasLine(work: Work, input: LineConfiguration): Promise<SasLine> {
  const { actor, tx } = work;
  const { venueId } = input;
  const line = input.lineId === null ? null : await getLine(work, venueId, input.lineId);
  if (!canConfigureMachines(actor, venueId)) throw new NotOwnerError('configure serial lines');
  if (line) checkVersion(line.version, input.expectedVersion);

  const settings = parseLine({
    name: input.name ?? line?.name ?? neededForNew('name'),
    port: input.port ?? line?.port ?? neededForNew('port'),
    wakeupMode: input.wakeupMode ?? line?.wakeupMode ?? neededForNew('wakeupMode'),
    drivenBy: input.drivenBy ?? line?.drivenBy ?? USUAL_DRIVERS,
    profile: input.profile === undefined ? (line?.profile ?? null) : input.profile,
  });
  if (line && isSame({ ...line, ...settings }, line)) return line;
  const id = line?.id ?? newId();
  if (line) await updateLineSettings(tx, line, settings);
  else await addLine(tx, { ...settings, id, venueId });
  work.emit({ type: 'machine.line-configured', venueId, lineId: id });
  return await getLine(work, venueId, id);
}

/**
 * Takes a line without machines off the floor: nobody drives it any more, and its name and port are free. What was told
 * of it stays; what a search found on it does not.
 *
 * @throws NotFoundError also for one that was removed before; NotOwnerError, VersionConflictError, LineInUseError
 */
export async function removeSasLine(
  work: Work,
  input: { readonly venueId: string; readonly lineId: string; readonly expectedVersion: number },
): Promise<SasLine> {
  const { tx } = work;
  const { venueId, lineId } = input;
  const line = await getLine(work, venueId, lineId);
  if (!canConfigureMachines(work.actor, venueId)) throw new NotOwnerError('remove serial lines');
  checkVersion(line.version, input.expectedVersion);
  // Whoever is about to put a machine on it waits for the line, and does not find it then.
  const machines = await listMachinesOfLine(tx, venueId, lineId);
  if (machines.length > 0) throw new LineInUseError(machines.map(({ id }) => id));

  await markLineRemoved(tx, line, work.now);
  await forgetDiscovery(tx, { venueId, lineId });
  await forgetDiscoveredAddresses(tx, { venueId, lineId });
  work.emit({ type: 'machine.line-removed', venueId, lineId });
  const [removed] = await findLinesByIds(tx, venueId, [lineId]);
  if (!removed) throw new NotFoundError('line');
  return removed;
}

/** What of a machine is said; what is left out stays, and has to be said of a new one. */
export interface MachineRegistration extends Given<MachineSettings> {
  readonly venueId: string;
  /** Null for a new one; one that was there before keeps its meters and events. */
  readonly machineId: string | null;
  readonly expectedVersion: number | null;
  readonly lineId?: string | null | undefined;
}

/**
 * Puts a machine at an address of a line: a new one, one from elsewhere, or one that was removed.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError, MachineNameTakenError, AddressTakenError
 */
export async function registerMachine(work: Work, input: MachineRegistration): Promise<Machine> {
  const { actor, tx } = work;
  const { venueId } = input;
  const known = input.machineId === null ? null : await getMachine(work, venueId, input.machineId);
  const lineId = input.lineId ?? known?.lineId ?? neededForNew('lineId');
  await getLine(work, venueId, lineId);
  if (!canConfigureMachines(actor, venueId)) throw new NotOwnerError('register machines');
  if (known) checkVersion(known.registrationVersion, input.expectedVersion);

  const settings = parseMachine({
    address: input.address ?? known?.address ?? neededForNew('address'),
    name: input.name ?? known?.name ?? neededForNew('name'),
    profile: input.profile === undefined ? (known?.profile ?? null) : input.profile,
    hostCashOut: input.hostCashOut ?? known?.hostCashOut ?? 'OFF',
  });
  const id = known?.id ?? newId();
  if (known) await moveMachine(tx, known, { ...settings, lineId });
  else await addMachine(tx, { ...settings, id, venueId, lineId, createdAt: work.now });
  await forgetDiscoveredAddress(tx, { venueId, lineId, address: settings.address });
  work.emit({ type: 'machine.registered', venueId, machineId: id, lineId, address: settings.address });
  for (const changed of new Set([lineId, known?.lineId ?? lineId]))
    work.emit({ type: 'machine.line-configured', venueId, lineId: changed });
  return await reread(work, venueId, id);
}

/**
 * Takes a machine off the floor: it is polled no more, and its address and name are free. Its meters and
 * events stay, and it can be registered again.
 *
 * @throws NotFoundError also for one that was removed before; NotOwnerError, VersionConflictError
 */
export async function removeMachine(
  work: Work,
  input: { readonly venueId: string; readonly machineId: string; readonly expectedVersion: number },
): Promise<Machine> {
  const { venueId } = input;
  const machine = await getMachine(work, venueId, input.machineId);
  if (!canConfigureMachines(work.actor, venueId)) throw new NotOwnerError('remove machines');
  if (machine.removedAt) throw new NotFoundError('machine');
  checkVersion(machine.registrationVersion, input.expectedVersion);

  await markRemoved(work.tx, machine, work.now);
  const { id: machineId, lineId } = machine;
  work.emit({ type: 'machine.removed', venueId, machineId, lineId });
  work.emit({ type: 'machine.line-configured', venueId, lineId });
  return await reread(work, venueId, machineId);
}

/** @throws NotFoundError also for a line the actor may not see */
async function getLine({ actor, tx }: Work, venueId: string, id: string): Promise<SasLine> {
  const line = canSeeMachines(actor, venueId) ? await lockLine(tx, venueId, id) : null;
  if (!line) throw new NotFoundError('line');
  return line;
}

/** @throws NotFoundError also for a machine the actor may not see */
async function getMachine({ actor, tx }: Work, venueId: string, id: string): Promise<Machine> {
  const machine = canSeeMachines(actor, venueId) ? await lockMachineRow(tx, venueId, id) : null;
  if (!machine) throw new NotFoundError('machine');
  return machine;
}

async function reread({ tx }: Work, venueId: string, id: string): Promise<Machine> {
  const machine = await findMachine(tx, venueId, id);
  if (!machine) throw new NotFoundError('machine');
  return machine;
}

function checkVersion(current: number, expected: number | null): void {
  if (expected === null)
    throw new ValidationError('expectedVersion is needed to change what is there already.', {
      field: 'expectedVersion',
    });
  if (expected !== current) throw new VersionConflictError(current);
}
