import type { StreamedEvent } from '../events/source.ts';
import type { Handpay } from '../machine/handpay.ts';
import { handpayOfSnapshot } from '../machine/handpay-snapshot.ts';
import { countHandpays, type HandpayFilter, listHandpays } from '../machine/handpay-store.ts';
import { sightOfMachines } from '../machine/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { HandpayType, type ShownHandpay } from './handpay.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import { AFTER } from './machine-event.ts';
import { MachineType } from './machine-type.ts';
import { parseMachineIds } from './meter.ts';
import type { PageArguments } from './page.ts';

const HandpayConnection = builder.connectionObject(
  {
    type: HandpayType,
    name: 'HandpayConnection',
    description: 'One page of handpays, the newest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `handpays`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'HandpayEdge' },
);

const openDescription =
  'Only those a machine waits with, or only those that were reset. A machine that was removed waits with none.';
const idsDescription = 'Of these machines, 1 to 100 (API_001). One that does not exist gives API_002.';

builder.queryField('handpays', (t) =>
  t.connection(
    {
      type: HandpayType,
      nullable: true,
      authScopes: { scope: 'MACHINES_READ' },
      description:
        'The money attendants pay by hand at the venue’s machines, the newest first; `open: true` is what waits for one now. Needs MACHINES_READ (AUTH_004).',
      args: {
        open: t.arg.boolean({ description: openDescription }),
        machineIds: t.arg.idList({ description: idsDescription }),
        from: t.arg({ type: 'DateTime', description: 'Only what was told since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what was told before then.' }),
      },
      resolve: async (_root, { open, machineIds, from, to, ...args }, context) =>
        await handpayPage(context, args, {
          machineIds: await parseMachineIds(machineIds, context),
          isOpen: open ?? null,
          from: from ?? null,
          to: to ?? null,
        }),
    },
    HandpayConnection,
  ),
);

builder.objectField(MachineType, 'handpays', (t) =>
  t.connection(
    {
      type: HandpayType,
      nullable: true,
      description: 'The money attendants pay by hand at this machine, the newest first.',
      args: {
        open: t.arg.boolean({ description: openDescription }),
        from: t.arg({ type: 'DateTime', description: 'Only what was told since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what was told before then.' }),
      },
      resolve: ({ id }, { open, from, to, ...args }, context) =>
        handpayPage(context, args, {
          machineIds: [id],
          isOpen: open ?? null,
          from: from ?? null,
          to: to ?? null,
        }),
    },
    HandpayConnection,
  ),
);

function handpayPage(context: Context, args: PageArguments, filter: HandpayFilter) {
  const { db } = context;
  const venueId = venueIdOf(context);
  return resolveLivePage(db, args, (tx) => ({
    keyOf: ({ pendingAt, id }: Handpay) => ({ at: pendingAt, id }),
    load: (range) => listHandpays(tx, venueId, { filter, range }),
    count: () => countHandpays(db, venueId, filter),
  }));
}

const HANDPAY_EVENTS = ['machine.handpay-recorded', 'machine.handpay-reset'] as const;
type HandpayEventType = (typeof HANDPAY_EVENTS)[number];

builder.subscriptionField('handpays', (t) =>
  t.field({
    type: HandpayType,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'Each handpay of the venue’s machines when it is told, and once more when it is reset, in order, from `after` or from now on. A list of `handpays` and this stream behind its `cursor` are the whole; that a machine was removed, with what it waited with, is told as `machine.removed` in `events`. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs MACHINES_READ (AUTH_004).',
    args: {
      machineIds: t.arg.idList({ description: idsDescription }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: async (_root, { machineIds, after }, context) => {
      const ids = await parseMachineIds(machineIds, context);
      return context.streams.events<HandpayEventType>({
        types: HANDPAY_EVENTS,
        venueId: venueIdOf(context),
        after,
        ...(ids && { subjects: { of: ({ payload }) => payload.machineId, among: ids } }),
        sightOf: sightOfMachines,
      });
    },
    resolve: handpayOf,
  }),
);

/** As it was told; once it is reset, as it is on record. @throws NotFoundError */
async function handpayOf(
  { payload, venueId, cursor }: StreamedEvent<HandpayEventType>,
  _args: object,
  context: Context,
): Promise<ShownHandpay> {
  if ('pendingAt' in payload) return { cursor, ...handpayOfSnapshot(venueId, payload) };
  const handpay = await HandpayType.getDataloader(context).load(payload.handpayId);
  return { ...handpay, cursor };
}
