import { NotFoundError } from '../lib/errors.ts';
import type { AftCause } from '../machine/aft-cash-out.ts';
import type {
  AftDirection,
  AftDoubt,
  AftFailure,
  AftTransfer,
  AftTransferState,
} from '../machine/aft-transfer.ts';
import { findTransfersByIds } from '../machine/aft-transfer-store.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { canSeeWallet, canSeeWallets } from '../wallet/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { LedgerTransactionType } from './ledger-type.ts';
import { EventActorType } from './log-event.ts';
import { MachineType } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { WalletHoldType } from './wallet-hold-type.ts';
import { WalletType } from './wallet-type.ts';

/** A transfer, or a frame of their stream; then with its place in the log. */
export type ShownTransfer = AftTransfer & { readonly cursor?: string };

export const AftDirectionEnum = builder.enumType('AftDirection', {
  description: 'Which way money goes.',
  values: {
    TO_MACHINE: { description: 'From a wallet onto the credits of a machine.' },
    FROM_MACHINE: { description: 'Off the credits of a machine, into a wallet.' },
  } satisfies Record<AftDirection, { description: string }>,
});

export const AftTransferStateEnum = builder.enumType('AftTransferState', {
  description:
    'How far a transfer is. SETTLED, PARTIALLY_SETTLED, REJECTED, CANCELLED and MANUALLY_RESOLVED are its end. Clients must survive values they do not know.',
  values: {
    CREATED: { description: 'Ordered, and not sent yet: from a machine.' },
    FUNDS_HELD: {
      description: 'Ordered, and not sent yet: a hold claims the money that is to go to the machine.',
    },
    LOCK_PENDING: {
      description:
        'Not sent yet: the machine is asked to be locked for it, and may finish a game first. It is cancelled for nothing, and REJECTED (SAS_008) when the lock does not come in time.',
    },
    SENT: { description: 'Sent, or about to be; the machine said nothing of it yet.' },
    PENDING_ON_MACHINE: { description: 'The machine does it when it can: a game may be under way.' },
    SETTLED: { description: 'All of it moved, and is booked.' },
    PARTIALLY_SETTLED: { description: 'A part of it moved, and is booked; the rest stays where it was.' },
    REJECTED: { description: 'The machine will not. Nothing moved.' },
    CANCELLED: { description: 'It was cancelled, or never reached the machine. Nothing moved.' },
    IN_DOUBT: { description: 'Nobody knows what became of it; what it holds stays held.' },
    MANUALLY_RESOLVED: { description: 'A person said what became of it, and it is booked so.' },
  } satisfies Record<AftTransferState, { description: string }>,
});

const AftCauseEnum = builder.enumType('AftTransferCause', {
  description: 'Why there is a transfer.',
  values: {
    ORDER: { description: '`startAftTransfer` ordered it.' },
    CASH_OUT: {
      description:
        'The player pressed cash-out, and the machine asked to have its credits taken (exception 6A).',
    },
    WIN_CASH_OUT: {
      description:
        'The machine asked to have a win taken (exception 6B). How much that is shows when it is over: what was ordered are all cashable credits.',
    },
  } satisfies Record<AftCause, { description: string }>,
});

const AftDoubtEnum = builder.enumType('AftDoubt', {
  description: 'Why nobody can tell what became of a transfer.',
  values: {
    NO_ANSWER: {
      description:
        'The machine is not heard of, or another one is at its address. It is still asked, and what it says then counts.',
    },
    OTHER_TYPE: { description: 'The machine says that it was a transfer of another kind.' },
    UNREADABLE: { description: 'The machine says an amount that is none.' },
    MORE_THAN_ASKED: { description: 'The machine says that more moved than was ordered.' },
    NOT_IN_HISTORY: {
      description: 'The machine says that it had it before, and does not have it on record.',
    },
    MEMORY_LOST: {
      description:
        'The machine has no record of it, and its meters or its records say that it lost some, or that something moved.',
    },
    NOT_IN_CURRENCY: { description: 'What the machine says that moved is no amount of the currency.' },
    LEDGER: { description: 'It moved, and the wallet cannot take it: that is more than it can count.' },
  } satisfies Record<AftDoubt, { description: string }>,
});

const AftFailureType = builder.objectRef<AftFailure>('AftFailure').implement({
  description: 'Why nothing moved.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        'SAS_002 not reached, SAS_004 not now, SAS_005 not supported, SAS_006 rejected, SAS_008 not locked, SAS_009 over the machine’s limit.',
    }),
    status: t.exposeString('status', {
      nullable: true,
      description: 'What the machine called it, such as `NOT_NOW`; null when it did not come that far.',
    }),
  }),
});

export const AftTransferType = builder.loadableNodeRef<ShownTransfer, never, string, string>('AftTransfer', {
  id: { resolve: ({ id }: ShownTransfer) => id },
  load: loadTransfers,
});

AftTransferType.implement({
  description:
    'Money on its way between a wallet and a machine. Seen by whose wallet it is, and by who oversees the wallets of the venue.',
  fields: (t) => ({
    machineId: t.globalID({
      description: 'With which machine.',
      resolve: ({ machineId }) => ({ type: 'Machine', id: machineId }),
    }),
    machine: t.field({
      type: MachineType,
      nullable: true,
      description: 'The same; null for who may not see machines.',
      resolve: ({ machineId, venueId }, _args, { rights }) =>
        canSeeMachines(rights, venueId) ? machineId : null,
    }),
    wallet: t.field({ type: WalletType, description: 'Whose money.', resolve: ({ walletId }) => walletId }),
    direction: t.expose('direction', { type: AftDirectionEnum, description: 'Which way.' }),
    amount: t.field({
      type: MoneyType,
      description: 'What was ordered.',
      resolve: ({ amountMinor, currency }) => ({ amountMinor, currency }),
    }),
    allowPartial: t.exposeBoolean('allowPartial', {
      description: 'Whether less may move, when that is all that goes.',
    }),
    cause: t.expose('cause', { type: AftCauseEnum, description: 'Why it is there.' }),
    state: t.expose('state', { type: AftTransferStateEnum, description: 'How far it is.' }),
    moved: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What moved; null as long as that is not known, and where it was refused or cancelled.',
      resolve: ({ movedMinor, currency }) =>
        movedMinor === null ? null : { amountMinor: movedMinor, currency },
    }),
    failure: t.expose('failure', {
      type: AftFailureType,
      nullable: true,
      description: 'Why it was rejected, or did not reach the machine.',
    }),
    doubt: t.expose('doubt', {
      type: AftDoubtEnum,
      nullable: true,
      description: 'Why nobody can tell what became of it, now or until a person said so.',
    }),
    hold: t.field({
      type: WalletHoldType,
      nullable: true,
      description: 'What claims the money that goes to the machine; null the other way.',
      resolve: ({ holdId }) => holdId,
    }),
    transaction: t.field({
      type: LedgerTransactionType,
      nullable: true,
      description: 'What was posted for it; null before, and when nothing moved.',
      resolve: ({ ledgerTransactionId }) => ledgerTransactionId,
    }),
    sasTransactionId: t.exposeString('sasTransactionId', {
      description: 'By which the machine knows it, and shows it in its own history.',
    }),
    requestedBy: t.expose('requestedBy', {
      type: EventActorType,
      nullable: true,
      description: 'Who ordered it; null for floorwire itself.',
    }),
    resolvedBy: t.field({
      type: EventActorType,
      nullable: true,
      description: 'Who said what became of it, where a person had to.',
      resolve: ({ resolution }) => resolution?.by,
    }),
    resolveReason: t.string({
      nullable: true,
      description: 'How he knows, in his words; null for who does not oversee the wallets of the venue.',
      resolve: ({ resolution, venueId }, _args, { rights }) =>
        canSeeWallets(rights, venueId) ? resolution?.reason : null,
    }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When it was ordered.' }),
    cancelRequestedAt: t.expose('cancelRequestedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when the machine is asked to end it. It may do it all the same.',
    }),
    sentAt: t.expose('sentAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was sent for the first and only time.',
    }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When it last changed.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it came to its end.',
    }),
    version: t.exposeInt('version', {
      description: 'Grows with every change: of two frames the one with the greater version is the newer.',
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of a subscription: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

async function loadTransfers(
  ids: readonly string[],
  context: Context,
): Promise<(ShownTransfer | NotFoundError)[]> {
  const { db, viewer } = context;
  const found = await findTransfersByIds(db, venueIdOf(context), ids);
  const byId = new Map(
    found.filter((transfer) => canSeeWallet(viewer, transfer)).map((transfer) => [transfer.id, transfer]),
  );
  return ids.map((id) => byId.get(id) ?? new NotFoundError('transfer'));
}
