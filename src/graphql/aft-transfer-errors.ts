import {
  AftTransferInDoubtError,
  AftTransferRejectedError,
  MachineNotLockedError,
  OverMachineLimitError,
} from '../machine/aft-errors.ts';
import {
  LineUnavailableError,
  MachineRefusedError,
  MachineUnreachableError,
  NotSupportedByMachineError,
} from '../machine/errors.ts';
import { errorType } from './error-type.ts';
import './machine-command.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

const transferIdOf = ({ transferId }: { readonly transferId: string }) => ({
  type: 'AftTransfer',
  id: transferId,
});

errorType(AftTransferRejectedError, {
  name: 'AftTransferRejectedError',
  description: 'The machine rejected the transfer, and nothing moved. Code SAS_006.',
  fields: (t) => ({
    transferId: t.globalID({ description: 'The transfer.', resolve: transferIdOf }),
    status: t.exposeString('status', {
      nullable: true,
      description:
        'What the machine called it: `NOT_A_MULTIPLE`, `BAD_AMOUNT`…; `NO_ASSET_NUMBER` when it has none.',
    }),
  }),
});

errorType(AftTransferInDoubtError, {
  name: 'AftTransferInDoubtError',
  description:
    'It is not known what became of the transfer, or of the last one of the machine, which takes no other until then. Code SAS_007.',
  fields: (t) => ({
    transferId: t.globalID({ description: 'The transfer that is in doubt.', resolve: transferIdOf }),
  }),
});

errorType(MachineNotLockedError, {
  name: 'MachineNotLockedError',
  description: 'The machine wants to be locked for a transfer. Nothing moved. Code SAS_008.',
  fields: (t) => ({ transferId: t.globalID({ description: 'The transfer.', resolve: transferIdOf }) }),
});

errorType(OverMachineLimitError, {
  name: 'OverMachineLimitError',
  description: 'The amount is over the limit of the machine. Nothing moved. Code SAS_009.',
  fields: (t) => ({ transferId: t.globalID({ description: 'The transfer.', resolve: transferIdOf }) }),
});

/** What starting a transfer with a machine may answer with; importing this file puts it into the schema. */
export const TRANSFER_ERRORS = [
  ...MONEY_ERRORS,
  MachineUnreachableError,
  LineUnavailableError,
  MachineRefusedError,
  NotSupportedByMachineError,
  AftTransferRejectedError,
  AftTransferInDoubtError,
  MachineNotLockedError,
  OverMachineLimitError,
];
