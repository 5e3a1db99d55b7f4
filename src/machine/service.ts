import { NotFoundError, PermissionDeniedError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import type { MachineEventSnapshot } from './events.ts';
import { insertLine, saveLineState } from './line-store.ts';
import { isAnother, type Machine, type MachineIdentity, type SasLine } from './machine.ts';
import type { MachineEvent, MachineEventType } from './machine-event.ts';
import { insertMachineEvents } from './machine-event-store.ts';
import { canControlMachines, canSeeMachines } from './policy.ts';
import { findMachine, insertMachine, lockMachineRow, updateMachine } from './store.ts';

/** @throws NotFoundError also for a machine the actor may not see */
export async function getMachine(read: Read, venueId: string, id: string): Promise<Machine> {
  const machine = canSeeMachines(read.actor, venueId) ? await findMachine(read.db, venueId, id) : null;
  if (!machine) throw new NotFoundError('machine');
  return machine;
}

/**
 * Records what a machine said, once for each id. Start and end of a game also change its status. False when it was on
 * record already, or there is no such machine.
 */
export async function recordException(work: Work, exception: MachineException): Promise<boolean> {
  const machine = await findMachine(work.tx, exception.venueId, exception.machineId);
  if (!machine) return false;
  const inGame = IN_GAME_AFTER.get(exception.type);
  const changes = inGame !== undefined && inGame !== machine.inGame;
  return await raise(work, changes ? await updateMachine(work.tx, machine, { inGame }) : machine, exception);
}

export interface MachineException {
  /** Of the event. Who has to say it again, not knowing whether it was recorded, gives the same one. */
  readonly id?: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly type: MachineEventType;
  readonly exceptionCode: number;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly occurredAt: Date;
}

const IN_GAME_AFTER: ReadonlyMap<MachineEventType, boolean> = new Map<MachineEventType, boolean>([
  ['GAME_STARTED', true],
  ['GAME_ENDED', false],
]);

/**
 * Records that a machine answers, or no longer does. What is already so is passed over, and what is said of a machine on
 * a line that it is not on any more.
 */
export async function recordConnection(
  work: Work,
  link: {
    readonly venueId: string;
    readonly machineId: string;
    /** Where it was heard, or was not, by whoever drives that. */
    readonly lineId?: string;
    readonly state: 'ONLINE' | 'OFFLINE';
    readonly at: Date;
  },
): Promise<Machine | null> {
  const machine = await lockMachineRow(work.tx, link.venueId, link.machineId);
  if (!machine || machine.removedAt || machine.connection === link.state) return machine;
  if (machine.lineId !== (link.lineId ?? machine.lineId)) return machine;
  const changed = await updateMachine(work.tx, machine, {
    connection: { state: link.state, at: link.at },
    // Nobody hears the end of a game on a machine that is away.
    ...(link.state === 'OFFLINE' && { inGame: false }),
  });
  await raise(work, changed, { type: link.state, occurredAt: link.at });
  return changed;
}

/** Records what a machine said of itself, and since when it is another one than before. */
export async function recordIdentity(
  work: Work,
  seen: {
    readonly venueId: string;
    readonly machineId: string;
    readonly identity: MachineIdentity;
    readonly at: Date;
  },
): Promise<void> {
  const machine = await lockMachineRow(work.tx, seen.venueId, seen.machineId);
  if (!machine) return;
  const { identity: value, at } = seen;
  const isExchanged = machine.identity !== null && isAnother(machine.identity, value);
  await updateMachine(work.tx, machine, {
    identity: { value, at },
    ...(isExchanged && { exchangedAt: at }),
  });
}

/** Records that a line came up, went down, or why it is down. */
export async function recordLineState(
  work: Work,
  line: SasLine,
  status: { readonly state: 'UP' | 'DOWN'; readonly cause: string | null; readonly at: Date },
): Promise<void> {
  await saveLineState(work.tx, line, status);
}

/** Adds a line and its machines as configured. */
export async function configureLine(
  work: Work,
  line: Pick<SasLine, 'venueId' | 'name' | 'port' | 'wakeupMode'> &
    Partial<Pick<SasLine, 'drivenBy'>> & {
      readonly profile?: string;
      readonly machines: readonly ConfiguredMachine[];
    },
): Promise<string> {
  if (!canControlMachines(work.actor, line.venueId))
    throw new PermissionDeniedError('configure serial lines');
  const id = newId();
  await insertLine(work.tx, { ...line, id, profile: line.profile ?? null });
  for (const machine of line.machines) {
    await insertMachine(work.tx, {
      ...machine,
      profile: machine.profile ?? null,
      id: newId(),
      venueId: line.venueId,
      lineId: id,
      createdAt: work.now,
    });
  }
  work.emit({ type: 'machine.line-configured', venueId: line.venueId, lineId: id });
  return id;
}

export interface ConfiguredMachine {
  readonly address: number;
  readonly name: string;
  readonly profile?: string;
}

/** Writes an event of a machine and announces it; false when its id was written before, and nothing happens. */
export async function raise(
  work: Work,
  machine: Machine,
  event: {
    readonly id?: string;
    readonly type: MachineEventType;
    readonly exceptionCode?: number;
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly occurredAt?: Date;
  },
): Promise<boolean> {
  const written: MachineEvent = {
    id: event.id ?? newId(),
    venueId: machine.venueId,
    machineId: machine.id,
    type: event.type,
    exceptionCode: event.exceptionCode ?? null,
    data: event.data ?? null,
    occurredAt: event.occurredAt ?? work.now,
  };
  if ((await insertMachineEvents(work.tx, [written])).length === 0) return false;
  work.emit({
    type: 'machine.event-raised',
    venueId: machine.venueId,
    event: eventSnapshot(written),
    machineVersion: machine.version.toString(),
    billAcceptorEnabled: machine.billAcceptorEnabled,
  });
  return true;
}

const eventSnapshot = ({ venueId: _, occurredAt, ...event }: MachineEvent): MachineEventSnapshot => ({
  ...event,
  occurredAt: occurredAt.toISOString(),
});
