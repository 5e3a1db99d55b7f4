import { DomainError } from '../lib/errors.ts';
import type { AftTransfer } from './aft-transfer.ts';
import { MachineRefusedError, MachineUnreachableError, NotSupportedByMachineError } from './errors.ts';

/** The machine rejected the transfer, and nothing moved. */
export class AftTransferRejectedError extends DomainError {
  readonly code = 'SAS_006';
  readonly transferId: string;
  /** What the machine called it; null when it did not come that far. */
  readonly status: string | null;
  constructor(
    { id, status }: { readonly id: string; readonly status: string | null },
    options?: ErrorOptions,
  ) {
    super('The machine rejected the transfer. Nothing moved.', options);
    this.transferId = id;
    this.status = status;
  }
}

/** It is not known what became of a transfer with the machine. */
export class AftTransferInDoubtError extends DomainError {
  readonly code = 'SAS_007';
  /** Which transfer is in doubt: the one asked for, or the last one of the machine. */
  readonly transferId: string;
  constructor(transferId: string, options?: ErrorOptions) {
    super(
      'It is not known what became of a transfer with the machine. It stays so until that is found out.',
      options,
    );
    this.transferId = transferId;
  }
}

/** The machine wants to be locked for a transfer, and was not. */
export class MachineNotLockedError extends DomainError {
  readonly code = 'SAS_008';
  readonly transferId: string;
  constructor(transferId: string, options?: ErrorOptions) {
    super('The machine is not locked for the transfer. Nothing moved.', options);
    this.transferId = transferId;
  }
}

/** The machine takes no transfer that large. */
export class OverMachineLimitError extends DomainError {
  readonly code = 'SAS_009';
  readonly transferId: string;
  constructor(transferId: string, options?: ErrorOptions) {
    super('The amount is over the machine’s limit. Nothing moved.', options);
    this.transferId = transferId;
  }
}

/** The transfer is over, and whoever asks by its key is told so: to try it again is another transfer. */
const KEPT = { isKept: true };

/** Why a transfer did not happen, as its caller is told; null while it may, when it did, and when it was cancelled. */
export function errorOfTransfer({ id, machineId, state, failure }: AftTransfer): DomainError | null {
  if (state === 'IN_DOUBT') return new AftTransferInDoubtError(id);
  switch (failure?.code) {
    case undefined:
      return null;
    case 'SAS_002':
      return new MachineUnreachableError({ machineId, attempts: 0 }, KEPT);
    case 'SAS_004':
      return new MachineRefusedError(
        { machineId, reason: failure?.status === 'CLASHES_WITH_TRANSFER' ? 'BUSY' : 'UNABLE' },
        KEPT,
      );
    case 'SAS_005':
      return new NotSupportedByMachineError({ machineId });
    case 'SAS_006':
      return new AftTransferRejectedError({ id, status: failure?.status ?? null });
    case 'SAS_008':
      return new MachineNotLockedError(id);
    case 'SAS_009':
      return new OverMachineLimitError(id);
  }
}
