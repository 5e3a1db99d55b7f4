import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { type CommandKind, type CommandResult, type MachineCommand, requesterOf } from './command.ts';
import { closeCommand, expireCommands, insertCommand } from './command-store.ts';
import { MachineUnreachableError } from './errors.ts';
import type { CommandSnapshot } from './events.ts';
import { parseGame, switchGame } from './game-service.ts';
import type { HandpayMethod } from './handpay.ts';
import { applyHandpayReset } from './handpay-service.ts';
import { canControlMachines, canSeeMachines } from './policy.ts';
import { chooseSeed } from './rom-signature-service.ts';
import { raise } from './service.ts';
import { findMachine, lockMachineRow, updateMachine } from './store.ts';

/**
 * Puts a command where the driver of the machine's line finds it.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError for an empty or overlong reason, and for numbers no game or seed has; MachineUnreachableError
 * for a machine that was removed
 */
export async function requestCommand(work: Work, request: CommandRequest): Promise<MachineCommand> {
  const { actor, now } = work;
  const machine = canSeeMachines(actor, request.venueId)
    ? await findMachine(work.tx, request.venueId, request.machineId)
    : null;
  if (!machine) throw new NotFoundError('machine');
  if (!canControlMachines(actor, request.venueId)) throw new NotOwnerError('control this machine');
  if (machine.removedAt) throw new MachineUnreachableError({ machineId: machine.id, attempts: 0 });

  const command: MachineCommand = {
    id: request.id,
    venueId: machine.venueId,
    machineId: machine.id,
    lineId: machine.lineId,
    kind: request.kind,
    handpayMethod: request.handpayMethod ?? null,
    game: request.game === undefined ? null : parseGame(request.game),
    romSeed: request.kind === 'VERIFY_ROM' ? await chooseSeed(work, request) : null,
    reason: request.reason === null ? null : parseReason(request.reason),
    requestedBy: requesterOf(actor),
    requestedAt: now,
    expiresAt: new Date(now.getTime() + request.timeoutMs),
    state: 'QUEUED',
    outcome: null,
    attempts: 0,
    finishedAt: null,
  };
  await insertCommand(work.tx, command);
  work.emit({ type: 'machine.command-queued', venueId: command.venueId, command: commandSnapshot(command) });
  return command;
}

export interface CommandRequest {
  /** Chosen by the caller, who can so wait for it before it is written. */
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly kind: CommandKind;
  readonly handpayMethod?: HandpayMethod;
  readonly game?: number;
  readonly romSeed?: number;
  readonly reason: string | null;
  readonly timeoutMs: number;
}

/**
 * Puts on record what came of a command, and what it changed about the machine.
 * A command that was closed meanwhile (too late) still changes the machine: the wire has the last word.
 */
export async function finishCommand(
  work: Work,
  command: MachineCommand,
  result: CommandResult,
): Promise<void> {
  const closed = await closeCommand(work.tx, command, {
    state: result.done ? 'SUCCEEDED' : 'FAILED',
    outcome: result.done ? null : result.failure,
    attempts: result.attempts,
    at: work.now,
  });
  if (command.kind === 'RESET_HANDPAY')
    await applyHandpayReset(work, command, result.done ? null : result.failure);
  else if (result.done) await applyCommand(work, command);
  if (closed) {
    work.emit({
      type: 'machine.command-finished',
      venueId: closed.venueId,
      command: commandSnapshot(closed),
    });
  }
}

async function applyCommand(work: Work, command: MachineCommand): Promise<void> {
  const machine = await lockMachineRow(work.tx, command.venueId, command.machineId);
  if (!machine) return;
  const { kind } = command;
  if (kind === 'LOCK') {
    const lock = { reason: command.reason ?? '', lockedAt: work.now, lockedBy: command.requestedBy };
    const locked = await updateMachine(work.tx, machine, { lock });
    if (!machine.lock) await raise(work, locked, { type: 'LOCKED', data: { reason: lock.reason } });
  } else if (kind === 'UNLOCK') {
    if (!machine.lock) return;
    const unlocked = await updateMachine(work.tx, machine, { lock: null });
    await raise(work, unlocked, { type: 'UNLOCKED', data: { reason: command.reason ?? '' } });
  } else if (kind === 'RESTART') {
    // It is asked anew who it is; that it answers is told as of a machine that was never heard.
    const connection = { state: 'UNKNOWN', at: work.now } as const;
    const restarted = await updateMachine(work.tx, machine, { connection, inGame: false });
    await raise(work, restarted, { type: 'RESTARTED', data: { reason: command.reason ?? '' } });
  } else if (kind === 'SET_CLOCK') {
    await raise(work, machine, { type: 'CLOCK_SET' });
  } else if (kind === 'ENABLE_GAME' || kind === 'DISABLE_GAME') {
    const enabled = kind === 'ENABLE_GAME';
    if (command.game !== null) await switchGame(work, machine, { game: command.game, enabled });
  } else if (kind === 'ENABLE_BILL_ACCEPTOR' || kind === 'DISABLE_BILL_ACCEPTOR') {
    const enabled = kind === 'ENABLE_BILL_ACCEPTOR';
    if (machine.billAcceptorEnabled === enabled) return;
    const switched = await updateMachine(work.tx, machine, { billAcceptorEnabled: enabled });
    await raise(work, switched, { type: enabled ? 'BILL_ACCEPTOR_ENABLED' : 'BILL_ACCEPTOR_DISABLED' });
  }
}

/** Gives up on every command whose time is over; answers how many. */
export async function expireOverdueCommands(work: Work): Promise<number> {
  const expired = await expireCommands(work.tx, work.now);
  for (const command of expired) {
    work.emit({
      type: 'machine.command-finished',
      venueId: command.venueId,
      command: commandSnapshot(command),
    });
  }
  return expired.length;
}

const commandSnapshot = (command: MachineCommand): CommandSnapshot => ({
  id: command.id,
  machineId: command.machineId,
  lineId: command.lineId,
  kind: command.kind,
  reason: command.reason,
  handpayMethod: command.handpayMethod,
  game: command.game,
  state: command.state,
  outcome: command.outcome,
  attempts: command.attempts,
});
