import { DomainError } from '../lib/errors.ts';
import type { CommandFailure } from './command.ts';

/** The machine did not answer, or not in time. */
export class MachineUnreachableError extends DomainError {
  readonly code = 'SAS_002';
  readonly machineId: string;
  readonly attempts: number;
  constructor({ machineId, attempts }: { machineId: string; attempts: number }, options?: ErrorOptions) {
    super('The machine does not answer.', options);
    this.machineId = machineId;
    this.attempts = attempts;
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

/** The machine answered that it will not, or not now. */
export class MachineRefusedError extends DomainError {
  readonly code = 'SAS_004';
  readonly machineId: string;
  readonly busy: boolean;
  constructor({ machineId, busy }: { machineId: string; busy: boolean }, options?: ErrorOptions) {
    super(busy ? 'The machine is busy.' : 'The machine refused the command.', options);
    this.machineId = machineId;
    this.busy = busy;
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

/** The error that tells a caller why a command failed. */
export function commandError(
  machineId: string,
  failure: CommandFailure | null,
  attempts: number,
): DomainError {
  switch (failure) {
    case 'NACK':
    case 'BUSY':
      return new MachineRefusedError({ machineId, busy: failure === 'BUSY' });
    case 'SILENT':
      return new NotSupportedByMachineError({ machineId });
    case 'DAMAGED':
      return new LineDamagedError({ machineId, attempts });
    case 'OFFLINE':
    case null:
      return new MachineUnreachableError({ machineId, attempts });
  }
}

/** Another process drives the line by now, or may do so. It concerns the driver alone: nobody asked for anything. */
export class LineLeaseLostError extends Error {
  override readonly name = 'LineLeaseLostError';
  constructor() {
    super('This process no longer drives the line.');
  }
}
