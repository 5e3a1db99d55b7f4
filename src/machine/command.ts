import type { Actor } from '../lib/actor.ts';
import type { HandpayMethod } from './handpay.ts';

/** Something a machine was told to do: durable until it is done, refused or too late. */
export interface MachineCommand {
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly lineId: string;
  readonly kind: CommandKind;
  /** Where a handpay goes; null for what resets none. */
  readonly handpayMethod: HandpayMethod | null;
  /** Which game, from 1; null for what concerns none. */
  readonly game: number | null;
  /** What the signature of the program memory begins with, 16 bits; null for what asks for none. */
  readonly romSeed: number | null;
  /** Why, in the words of who asked. */
  readonly reason: string | null;
  readonly requestedBy: Requester | null;
  readonly requestedAt: Date;
  /** A command not executed by then never will be. */
  readonly expiresAt: Date;
  readonly state: CommandState;
  readonly outcome: CommandFailure | null;
  /** How many polls were sent for it. */
  readonly attempts: number;
  readonly finishedAt: Date | null;
}

export type CommandKind =
  | 'LOCK'
  | 'UNLOCK'
  | 'ENABLE_BILL_ACCEPTOR'
  | 'DISABLE_BILL_ACCEPTOR'
  | 'READ_METERS'
  | 'RESET_HANDPAY'
  | 'SET_CLOCK'
  | 'RESTART'
  | 'ENABLE_GAME'
  | 'DISABLE_GAME'
  | 'VERIFY_ROM';

export type CommandState = 'QUEUED' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED';

/** What must not be said to a machine twice, even when it is not known whether it was said. */
export const isOnceOnly = (kind: CommandKind): boolean => kind === 'RESET_HANDPAY';

/** Whether it was never said to the machine, or was too late and may be said again: then its line may be to blame. */
export const wasNotSaid = ({ kind, outcome, attempts }: MachineCommand): boolean =>
  outcome === 'OFFLINE' ? attempts === 0 : outcome === null && !isOnceOnly(kind);

/**
 * Why the machine did not do it: no answer, refused, busy, unusable answer, not connected; it cannot now, it has no
 * handpay; it knows no such thing. IN_DOUBT: whoever was to say it ended, and nobody knows whether he had.
 */
export type CommandFailure =
  | 'SILENT'
  | 'NACK'
  | 'BUSY'
  | 'DAMAGED'
  | 'OFFLINE'
  | 'UNABLE'
  | 'NO_HANDPAY'
  | 'UNSUPPORTED'
  | 'IN_DOUBT';

/** What came of executing a command on the line. */
export type CommandResult =
  | { readonly done: true; readonly attempts: number }
  | { readonly done: false; readonly failure: CommandFailure; readonly attempts: number };

/** A person by his account, or a partner by its key; floorwire itself is none. */
export interface Requester {
  readonly kind: 'user' | 'partner';
  readonly id: string;
}

export function requesterOf(actor: Actor): Requester | null {
  if (actor.kind === 'user') return { kind: 'user', id: actor.userId };
  return actor.kind === 'partner' ? { kind: 'partner', id: actor.apiKeyId } : null;
}
