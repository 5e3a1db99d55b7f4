import type { LoggedEvent } from '../events/events.ts';
import type { EventSource, StreamedEvent } from '../events/source.ts';
import { NotFoundError } from '../lib/errors.ts';
import { MACHINE_EVENT_LABELS, type MachineEvent, type MachineEventType } from '../machine/machine-event.ts';
import {
  countMachineEvents,
  findMachineEventsByIds,
  listMachineEvents,
  type MachineEventFilter,
} from '../machine/machine-event-store.ts';
import { canSeeMachines, sightOfMachines } from '../machine/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import { MachineType } from './machine-type.ts';
import { parseMachineIds } from './meter.ts';
import type { PageArguments } from './page.ts';

export const MachineEventTypeEnum = builder.enumType('MachineEventType', {
  description:
    'What happened: the exceptions of SAS 6.02, and what floorwire did or noticed. Clients must survive values they do not know.',
  values: Object.fromEntries(
    [...MACHINE_EVENT_LABELS].map(([name, label]) => [name, { value: name, description: `${label}.` }]),
  ) as Record<MachineEventType, { value: MachineEventType; description: string }>,
});

/** An event of the list, or of a stream; then with its place in the log, which has times as texts. */
export type ShownEvent = Omit<MachineEvent, 'occurredAt'> & {
  readonly occurredAt: Date | string;
  readonly cursor?: string;
};

export const MachineEventNode = builder.loadableNodeRef<ShownEvent, never, string, string>('MachineEvent', {
  id: { resolve: ({ id }: ShownEvent) => id },
  load: loadEvents,
});

MachineEventNode.implement({
  description: 'Something a machine reported, or that was done to it or noticed about it.',
  fields: (t) => ({
    machine: t.field({
      type: MachineType,
      description: 'Which machine.',
      resolve: ({ machineId }) => machineId,
    }),
    type: t.expose('type', { type: MachineEventTypeEnum, description: 'What happened.' }),
    exceptionCode: t.exposeInt('exceptionCode', {
      nullable: true,
      description: 'The SAS exception code, 0 to 255; null for what no exception said.',
    }),
    label: t.string({
      description: 'The same in English.',
      resolve: ({ type }) => MACHINE_EVENT_LABELS.get(type) ?? type,
    }),
    data: t.expose('data', {
      type: 'JSON',
      nullable: true,
      description:
        'What else the machine or floorwire said: an object of texts, numbers and nulls. A bill’s value is `billValue`, in whole units.',
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it was read from the line.' }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of a subscription: resume behind it with `after`. Null in lists.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

const MachineEventConnection = builder.connectionObject(
  {
    type: MachineEventNode,
    name: 'MachineEventConnection',
    description: 'One page of machine events, the newest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `machineEvents`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'MachineEventEdge' },
);

const acknowledgedArgument = {
  description: 'Only those that somebody has taken note of, or only those that nobody has.',
};

builder.queryField('machineEvents', (t) =>
  t.connection(
    {
      type: MachineEventNode,
      nullable: true,
      authScopes: { scope: 'MACHINES_READ' },
      description: 'What happened at the venue’s machines, the newest first. Needs MACHINES_READ (AUTH_004).',
      args: {
        machineIds: t.arg.idList({
          description: 'Of these machines, 1 to 100 (API_001). One that does not exist gives API_002.',
        }),
        types: t.arg({
          type: [MachineEventTypeEnum],
          description: 'Only of these types, at least one (API_001).',
        }),
        acknowledged: t.arg.boolean(acknowledgedArgument),
        from: t.arg({ type: 'DateTime', description: 'Only what happened since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what happened before then.' }),
      },
      resolve: async (_root, args, context) => {
        const machineIds = await parseMachineIds(args.machineIds, context);
        return await eventPage(context, venueIdOf(context), {
          args,
          filter: {
            machineIds,
            types: args.types ?? null,
            acknowledged: args.acknowledged ?? null,
            from: args.from ?? null,
            to: args.to ?? null,
          },
        });
      },
    },
    MachineEventConnection,
  ),
);

builder.objectField(MachineType, 'events', (t) =>
  t.connection(
    {
      type: MachineEventNode,
      nullable: true,
      description: 'What happened at this machine, the newest first.',
      args: {
        types: t.arg({
          type: [MachineEventTypeEnum],
          description: 'Only of these types, at least one (API_001).',
        }),
        acknowledged: t.arg.boolean(acknowledgedArgument),
        from: t.arg({ type: 'DateTime', description: 'Only what happened since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what happened before then.' }),
      },
      resolve: ({ id, venueId }, { types, acknowledged, from, to, ...args }, context) =>
        eventPage(context, venueId, {
          args,
          filter: {
            machineIds: [id],
            types: types ?? null,
            acknowledged: acknowledged ?? null,
            from: from ?? null,
            to: to ?? null,
          },
        }),
    },
    MachineEventConnection,
  ),
);

function eventPage(
  { db }: Context,
  venueId: string,
  { args, filter }: { readonly args: PageArguments; readonly filter: MachineEventFilter },
) {
  return resolveLivePage(db, args, (tx) => ({
    keyOf: ({ occurredAt, id }: MachineEvent) => ({ at: occurredAt, id }),
    load: (range) => listMachineEvents(tx, venueId, { filter, range }),
    count: () => countMachineEvents(db, venueId, filter),
  }));
}

export const AFTER =
  'Begin behind this cursor, of a frame or of a query. WS_003 when it is not of this log or too old.';

builder.subscriptionField('machineEvents', (t) =>
  t.field({
    type: MachineEventNode,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'Each event of the venue’s machines, once and in order. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs MACHINES_READ (AUTH_004).',
    args: {
      machineIds: t.arg.idList({
        description: 'Of these machines, 1 to 100 (API_001). One that does not exist gives API_002.',
      }),
      types: t.arg({
        type: [MachineEventTypeEnum],
        description: 'Only of these types, at least one (API_001).',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, args, context) => machineEventFrames(context, args),
    resolve: (frame: RaisedFrame) => eventOf(frame),
  }),
);

export type RaisedFrame = StreamedEvent<'machine.event-raised'>;

/** @throws ValidationError, NotFoundError for machines that are not the caller's to see */
export async function machineEventFrames(
  context: Context,
  args: {
    readonly machineIds?: readonly string[] | null | undefined;
    readonly types?: readonly MachineEventType[] | null | undefined;
    readonly after?: string | null | undefined;
  },
): Promise<EventSource> {
  const ids = await parseMachineIds(args.machineIds, context);
  const types = args.types && new Set(args.types);
  return context.streams.events({
    types: ['machine.event-raised'],
    venueId: venueIdOf(context),
    after: args.after,
    ...(ids && { subjects: { of: machineOf, among: ids } }),
    matches: ({ payload }) => types?.has(payload.event.type) ?? true,
    sightOf: sightOfMachines,
  });
}

const machineOf = ({ payload }: LoggedEvent<'machine.event-raised'>) => payload.event.machineId;

/** With what is spread last, as for all that is made for each frame: V8 takes a microsecond for each property behind it. */
export const eventOf = ({ payload: { event }, venueId, cursor }: RaisedFrame): ShownEvent => ({
  venueId,
  cursor,
  ...event,
});

async function loadEvents(ids: readonly string[], context: Context): Promise<(ShownEvent | NotFoundError)[]> {
  const venueId = venueIdOf(context);
  const found = canSeeMachines(context.rights, venueId)
    ? await findMachineEventsByIds(context.db, venueId, ids)
    : [];
  const byId = new Map(found.map((event) => [event.id, event]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('event'));
}
