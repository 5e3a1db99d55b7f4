import { DomainError, type DomainErrorOptions } from '../lib/errors.ts';
import type { CommandFailure } from './command.ts';

/** The machine did not answer, or not in time. */
export class MachineUnreachableError extends DomainError {
  readonly code = 'SAS_002';
  readonly machineId: string;
  readonly attempts: number;
  constructor(
    { machineId, attempts }: { machineId: string; attempts: number },
    options?: DomainErrorOptions,
  ) {
    super('The machine does not answer.', options);
    this.machineId = machineId;
    this.attempts = attempts;
  }
}

/** Nobody speaks on the line: its port is away, or no driver drives it. */
export class LineUnavailableError extends DomainError {
  readonly code = 'SAS_001';
  readonly lineId: string;
  /** Why it is down, if known. */
  readonly reason: string | null;
  constructor(line: { readonly id: string; readonly cause: string | null }, options?: ErrorOptions) {
    super('The line is down, or no driver drives it.', options);
    this.lineId = line.id;
    this.reason = line.cause;
  }
}

/** The machine's answers arrive damaged. */
export class LineDamagedError extends DomainError {
  readonly code = 'SAS_003';
  readonly machineId: string;
  readonly attempts: number;
  constructor({ machineId, attempts }: { machineId: string; attempts: number }, options?: ErrorOptions) {
    super('The answers of the machine arrive damaged. Check its serial line.', options);
    this.machineId = machineId;
    this.attempts = attempts;
  }
}

/** Why a machine will not: it is busy, it does not say, it cannot now, it has no handpay. */
export type MachineRefusal = 'BUSY' | 'REFUSED' | 'UNABLE' | 'NO_HANDPAY';

const REFUSALS: Readonly<Record<MachineRefusal, string>> = {
  BUSY: 'The machine is busy.',
  REFUSED: 'The machine refused the command.',
  UNABLE: 'The machine cannot do this now.',
  NO_HANDPAY: 'The machine has no handpay.',
};

/** The machine answered that it will not, or not now. */
export class MachineRefusedError extends DomainError {
  readonly code = 'SAS_004';
  readonly machineId: string;
  readonly reason: MachineRefusal;
  constructor(
    { machineId, reason }: { machineId: string; reason: MachineRefusal },
    options?: DomainErrorOptions,
  ) {
    super(REFUSALS[reason], options);
    this.machineId = machineId;
    this.reason = reason;
  }
}

/** The machine is there but does not know this command. */
export class NotSupportedByMachineError extends DomainError {
  readonly code = 'SAS_005';
  readonly machineId: string;
  constructor({ machineId }: { machineId: string }, options?: ErrorOptions) {
    super('This machine does not support the command.', options);
    this.machineId = machineId;
  }
}

/** Another line of the venue has this name. */
export class LineNameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another line has this name.', options);
  }
}

/** Another line is on this port. */
export class PortTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another line is on this port.', options);
  }
}

/** Machines are on the line: they are to be removed or moved first, hence API_001. */
export class LineInUseError extends DomainError {
  readonly code = 'API_001';
  readonly machineIds: readonly string[];
  constructor(machineIds: readonly string[], options?: ErrorOptions) {
    super('Machines are on this line. Remove them or move them to another line first.', options);
    this.machineIds = machineIds;
  }
}

/** Another machine of the venue has this name. */
export class MachineNameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another machine has this name.', options);
  }
}

/** Another machine is at this address of the line. */
export class AddressTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another machine is at this address of the line.', options);
  }
}

/** Another jackpot of the venue has this name. */
export class JackpotNameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another jackpot has this name.', options);
  }
}

/** Another jackpot of the venue is this level of this group. */
export class ProgressiveLevelTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another jackpot is this level of this group.', options);
  }
}

/** The error that tells a caller why a command failed. */
export function commandError(
  machineId: string,
  failure: CommandFailure | null,
  attempts: number,
): DomainError {
  switch (failure) {
    case 'NACK':
      return new MachineRefusedError({ machineId, reason: 'REFUSED' });
    case 'BUSY':
    case 'UNABLE':
    case 'NO_HANDPAY':
      return new MachineRefusedError({ machineId, reason: failure });
    case 'SILENT':
    case 'UNSUPPORTED':
      return new NotSupportedByMachineError({ machineId });
    case 'DAMAGED':
      return new LineDamagedError({ machineId, attempts });
    case 'OFFLINE':
    case 'IN_DOUBT':
    case null:
      return new MachineUnreachableError({ machineId, attempts });
  }
}

/** Whoever drove another line may still speak on this port. It concerns the driver alone, which tries again. */
export class PortStillHeldError extends Error {
  override readonly name = 'PortStillHeldError';
  constructor() {
    super('Another line was driven on this port a moment ago.');
  }
}

/** Another process drives the line by now, or may do so. It concerns the driver alone: nobody asked for anything. */
export class LineLeaseLostError extends Error {
  override readonly name = 'LineLeaseLostError';
  constructor() {
    super('This process no longer drives the line.');
  }
}
