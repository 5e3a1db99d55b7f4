import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { NotFoundError } from '../lib/errors.ts';
import { transferOfSnapshot } from '../machine/aft-snapshot.ts';
import { countTransfers, listTransfers, type TransferFilter } from '../machine/aft-transfer-list-store.ts';
import { sightOfTransfer } from '../machine/policy.ts';
import { canSeeWallets } from '../wallet/policy.ts';
import { AftTransferStateEnum, AftTransferType, type ShownTransfer } from './aft-transfer-type.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import { AFTER } from './machine-event.ts';
import { MachineType } from './machine-type.ts';
import type { PageArguments } from './page.ts';
import { seenWallet } from './wallet-type.ts';

const AftTransferConnection = builder.connectionObject(
  {
    type: AftTransferType,
    name: 'AftTransferConnection',
    description: 'One page of transfers with machines, the newest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `aftTransfers`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'AftTransferEdge' },
);

builder.queryField('aftTransfers', (t) =>
  t.connection(
    {
      type: AftTransferType,
      nullable: true,
      authScopes: { scope: 'WALLETS_READ' },
      description:
        'Transfers between wallets and machines, the newest first: a PLAYER’s own, and for anybody else all of the venue. Needs WALLETS_READ (AUTH_004).',
      args: {
        machineId: t.arg.id({
          description:
            'Only with this machine. One that does not exist gives API_002; so does any, asked by a PLAYER.',
        }),
        walletId: t.arg.id({ description: 'Only of this wallet. One the caller may not see gives API_002.' }),
        states: t.arg({
          type: [AftTransferStateEnum],
          description: 'Only those that stand like one of these, at least one (API_001).',
        }),
        from: t.arg({ type: 'DateTime', description: 'Only what was asked for since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what was asked for before then.' }),
      },
      resolve: async (_root, { machineId, walletId, states, from, to, ...args }, context) =>
        await transferPage(context, args, {
          machineId: machineId == null ? null : (await seenMachine(context, machineId)).id,
          walletId: walletId == null ? null : await seenWalletId(context, walletId),
          userId: ownOnly(context),
          states: states ?? null,
          from: from ?? null,
          to: to ?? null,
        }),
    },
    AftTransferConnection,
  ),
);

builder.objectField(MachineType, 'aftTransfers', (t) =>
  t.connection(
    {
      type: AftTransferType,
      nullable: true,
      authScopes: { scope: 'WALLETS_READ' },
      description:
        'The transfers between wallets and this machine, the newest first. Needs WALLETS_READ (AUTH_004).',
      args: {
        states: t.arg({
          type: [AftTransferStateEnum],
          description: 'Only those that stand like one of these, at least one (API_001).',
        }),
        from: t.arg({ type: 'DateTime', description: 'Only what was asked for since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what was asked for before then.' }),
      },
      resolve: ({ id }, { states, from, to, ...args }, context) =>
        transferPage(context, args, {
          machineId: id,
          walletId: null,
          userId: ownOnly(context),
          states: states ?? null,
          from: from ?? null,
          to: to ?? null,
        }),
    },
    AftTransferConnection,
  ),
);

function transferPage(context: Context, args: PageArguments, filter: TransferFilter) {
  const { db } = context;
  const venueId = venueIdOf(context);
  return resolveLivePage(db, args, (tx) => ({
    keyOf: ({ requestedAt, id }: ShownTransfer) => ({ at: requestedAt, id }),
    load: (range) => listTransfers(tx, venueId, { filter, range }),
    count: () => countTransfers(db, venueId, filter),
  }));
}

/** Whose alone the caller sees; null when he sees all of the venue. */
const ownOnly = (context: Context): string | null =>
  canSeeWallets(context.actor, venueIdOf(context)) ? null : signedInUser(context.actor).userId;

type LoggedTransfer = LoggedEvent<'machine.aft-transfer-changed'>;

builder.subscriptionField('aftTransfers', (t) =>
  t.field({
    type: AftTransferType,
    authScopes: { scope: 'WALLETS_READ' },
    description:
      'Each step of transfers between wallets and machines, once and in order, as it was then: a PLAYER’s own, and for anybody else all of the venue. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs WALLETS_READ (AUTH_004).',
    args: {
      machineId: t.arg.id({
        description:
          'Only with this machine. One that does not exist gives API_002; so does any, asked by a PLAYER.',
      }),
      transferId: t.arg.id({ description: 'Only this transfer. One the caller may not see gives API_002.' }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: async (_root, { machineId, transferId, after }, context) => {
      const machine = machineId == null ? null : (await seenMachine(context, machineId)).id;
      const wanted = transferId == null ? null : (await seenTransfer(context, transferId)).id;
      return context.streams.events<'machine.aft-transfer-changed'>({
        types: ['machine.aft-transfer-changed'],
        venueId: venueIdOf(context),
        after,
        ...subjectsOf(context, { transferId: wanted, machineId: machine }),
        ...(machine !== null && { matches: ({ payload }) => payload.transfer.machineId === machine }),
        sightOf: sightOfTransfer,
      });
    },
    resolve: ({ payload, venueId, cursor }: StreamedEvent<'machine.aft-transfer-changed'>) => ({
      ...transferOfSnapshot(venueId, payload.transfer),
      cursor,
    }),
  }),
);

/** One transfer, one machine's, one player's, or all. */
function subjectsOf(
  context: Context,
  { transferId, machineId }: { readonly transferId: string | null; readonly machineId: string | null },
) {
  const subjects = (of: (event: LoggedTransfer) => string, subject: string) => ({
    subjects: { of, among: [subject] },
  });
  if (transferId !== null) return subjects(({ payload }) => payload.transfer.id, transferId);
  if (machineId !== null) return subjects(({ payload }) => payload.transfer.machineId, machineId);
  const userId = ownOnly(context);
  return userId === null ? {} : subjects(({ payload }) => payload.transfer.userId, userId);
}

/** @throws NotFoundError */
const seenMachine = (context: Context, id: string) =>
  MachineType.getDataloader(context).load(decodeIdOf('Machine', id));

/** @throws NotFoundError */
const seenTransfer = (context: Context, id: string) =>
  AftTransferType.getDataloader(context).load(decodeIdOf('AftTransfer', id));

async function seenWalletId(context: Context, id: string): Promise<string> {
  const wallet = await seenWallet(context, decodeIdOf('Wallet', id));
  if (!wallet) throw new NotFoundError('wallet');
  return wallet.id;
}
