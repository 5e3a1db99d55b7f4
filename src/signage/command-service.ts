import type { NewEvent } from '../events/events.ts';
import { once, parseKey } from '../idempotency.ts';
import { actorReference, type DeviceActor, system } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Author, Work } from '../work.ts';
import {
  type CommandKind,
  type CommandParameters,
  type CommandReport,
  type DeviceCommand,
  hasEnded,
  isRepeated,
  MAX_RESULT_BYTES,
  parseExpiry,
  parseParameters,
  parseWords,
  refuseUnkept,
} from './command.ts';
import { type COMMAND_EVENTS, snapshotOfCommand } from './command-events.ts';
import {
  expireCommands,
  expireCommandsOf,
  findBusyDevice,
  findCommandsByIds,
  insertCommands,
  lockCommand,
  markDelivered,
  saveCommand,
} from './command-store.ts';
import { listGroupDevices } from './device-group-store.ts';
import { findStandings } from './device-status-store.ts';
import { holdDevices } from './device-store.ts';
import { CommandEndedError, DeviceOfflineError } from './errors.ts';
import { canControlDevices, canSeeDevices } from './policy.ts';

export interface SendCommand {
  readonly venueId: string;
  readonly to: { readonly deviceIds: readonly string[] } | { readonly groupId: string };
  readonly kind: CommandKind;
  readonly parameters: CommandParameters;
  readonly expiresAfterSeconds: number;
  /** Whether it is only worth sending to who does it now. */
  readonly requireOnline: boolean;
  /** The caller's own name for it: sent once by it, however often he asks. */
  readonly idempotencyKey: string | null;
}

export const MAX_DEVICES = 100;
const MAX_TARGETS = 1_000;
/** So many wait for one device, as far as those know of one another that are sent at once. */
const MAX_WAITING = 500;

/**
 * Tells devices to do something: each has a command of its own, kept until it is done or too late.
 *
 * @throws ValidationError, NotFoundError for a device or group that is not there, NotOwnerError, DeviceOfflineError,
 * IdempotencyMismatchError
 */
export async function sendCommand(work: Work, input: SendCommand): Promise<readonly DeviceCommand[]> {
  const { tx, actor } = work;
  const { venueId, idempotencyKey: key, ...asked } = input;
  if (!canSeeDevices(actor, venueId)) throw new NotFoundError('device');
  if (!canControlDevices(actor, venueId)) throw new NotOwnerError('send commands to devices');
  const parameters = parseParameters(input.kind, input.parameters);
  const lifetimeMs = parseExpiry(input.expiresAfterSeconds);
  const queue = async () => {
    const deviceIds = await targetsOf(work, input);
    if (await findBusyDevice(tx, deviceIds, { limit: MAX_WAITING }))
      throw new ValidationError(`At most ${MAX_WAITING} commands wait for a device.`);
    return await queueCommands(work, { venueId, deviceIds, kind: input.kind, parameters, lifetimeMs });
  };
  if (key === null) return await queue();
  const idempotency = parseKey(actor, key, { ...asked, venueId, what: 'sendDeviceCommand' });
  const { outcome } = await once(work, { venueId, idempotency }, async () => ({
    ids: (await queue()).map(({ id }) => id).join(),
  }));
  return await findCommandsByIds(tx, venueId, outcome.ids.split(','));
}

/** Who is told, each once; in order. Of a group whoever is removed meanwhile is left out. */
async function targetsOf(
  { tx }: Work,
  { venueId, to, requireOnline }: SendCommand,
): Promise<readonly string[]> {
  const wanted = 'groupId' in to ? await listGroupDevices(tx, venueId, to.groupId) : to.deviceIds;
  if (wanted === null) throw new NotFoundError('group of devices');
  const limit = 'groupId' in to ? MAX_TARGETS : MAX_DEVICES;
  const held = wanted.length > limit ? null : await holdDevices(tx, venueId, [...new Set(wanted)]);
  if (held && 'deviceIds' in to && held.size < new Set(wanted).size) throw new NotFoundError('device');
  if (!held || held.size === 0)
    throw new ValidationError(`A command goes to 1 to ${limit} devices.`, {
      field: 'groupId' in to ? 'groupId' : 'deviceIds',
    });
  const standings = await findStandings(tx, venueId, { deviceIds: [...held.keys()] });
  const unreachable = standings.filter(({ status }) => status !== 'ONLINE');
  if (requireOnline && unreachable.length > 0)
    throw new DeviceOfflineError(unreachable.map(({ deviceId }) => deviceId));
  return standings.map(({ deviceId }) => deviceId);
}

async function queueCommands(
  work: Work,
  {
    deviceIds,
    lifetimeMs,
    ...same
  }: Pick<DeviceCommand, 'venueId' | 'kind' | 'parameters'> & {
    readonly deviceIds: readonly string[];
    readonly lifetimeMs: number;
  },
): Promise<readonly DeviceCommand[]> {
  const { actor, now } = work;
  const commands = deviceIds.map(
    (deviceId): DeviceCommand => ({
      ...same,
      id: newId(),
      deviceId,
      state: 'QUEUED',
      queuedAt: now,
      queuedBy: actorReference(actor),
      expiresAt: new Date(now.getTime() + lifetimeMs),
      deliveredAt: null,
      acknowledgedAt: null,
      finishedAt: null,
      message: null,
      result: null,
    }),
  );
  await insertCommands(work.tx, commands);
  announce(work, 'signage.command-queued', commands);
  return commands;
}

export interface AcknowledgeCommand {
  readonly commandId: string;
  readonly report: CommandReport;
  readonly message: string | null;
  /** Any JSON; undefined: nothing. */
  readonly result: unknown;
}

/**
 * Takes what a device says of a command of its own. What it said already it may say again: nothing happens.
 *
 * @throws NotFoundError for another's command, CommandEndedError, ValidationError
 */
export async function acknowledgeCommand(
  work: Work,
  { deviceId, venueId }: Pick<DeviceActor, 'deviceId' | 'venueId'>,
  { commandId, report, message, result = null }: AcknowledgeCommand,
): Promise<DeviceCommand> {
  const { tx, now } = work;
  const words = parseWords(message);
  refuseUnkept('result', result, MAX_RESULT_BYTES);
  const command = await lockCommand(tx, venueId, { id: commandId, deviceId });
  if (!command) throw new NotFoundError('command');
  if (isRepeated(command.state, report)) return command;
  if (hasEnded(command.state) || command.expiresAt <= now) throw new CommandEndedError(commandId);
  const isEnd = report !== 'ACKNOWLEDGED';
  const gone: DeviceCommand = {
    ...command,
    state: report,
    deliveredAt: command.deliveredAt ?? now,
    acknowledgedAt: command.acknowledgedAt ?? now,
    finishedAt: isEnd ? now : null,
    message: words ?? command.message,
    result: result ?? command.result,
  };
  await saveCommand(tx, gone);
  announce(work, isEnd ? 'signage.command-finished' : 'signage.command-acknowledged', [gone]);
  return gone;
}

/** Puts on record that these were sent down the streams of their devices; those that were already stay as they are. */
export async function recordDelivered(work: Work, ids: readonly string[]): Promise<void> {
  announce(work, 'signage.command-delivered', await markDelivered(work.tx, ids, work.now));
}

/** Ends what was not done in time. Gives how many. */
export async function expireOverdue(work: Work, { limit }: { readonly limit: number }): Promise<number> {
  const expired = await expireCommands(work.tx, { now: work.now, limit });
  announce(work, 'signage.command-finished', expired);
  return expired.length;
}

/** Ends whatever a device has not done that will do nothing more. */
export async function expireAllOf(work: Work, deviceId: string): Promise<void> {
  const expired = await expireCommandsOf(work.tx, deviceId, work.now);
  announce(work, 'signage.command-finished', expired);
}

/** What the server notes by itself is nobody's doing. */
const DESK: Author = { actor: system('device-commands'), origin: null };

function announce(
  work: Work,
  type: (typeof COMMAND_EVENTS)[number],
  commands: readonly DeviceCommand[],
): void {
  const author = type === 'signage.command-delivered' ? DESK : undefined;
  for (const command of commands) {
    const event = { type, venueId: command.venueId, ...snapshotOfCommand(command) };
    // Each of the types has these facts; TypeScript does not go through so many combinations.
    work.emit(event as NewEvent, author);
  }
}
