import type { Money } from '../lib/money.ts';
import { decimalsOf } from '../lib/money.ts';
import { BILL_EVENT_TYPES } from '../machine/machine-event.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import {
  AFTER,
  eventOf,
  MachineEventTypeEnum,
  machineEventFrames,
  type RaisedFrame,
  type ShownEvent,
} from './machine-event.ts';
import { BillAcceptorType, MachineType } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { ownVenue } from './venue.ts';

const BillEventType = builder.objectRef<BillEvent>('BillEvent').implement({
  description: 'Something the bill acceptor of a machine did, or was told.',
  fields: (t) => ({
    machine: t.field({
      type: MachineType,
      description: 'Which machine.',
      resolve: ({ event }) => event.machineId,
    }),
    type: t.field({
      type: MachineEventTypeEnum,
      description: 'What happened.',
      resolve: ({ event }) => event.type,
    }),
    exceptionCode: t.int({
      nullable: true,
      description: 'The SAS exception code, 0 to 255.',
      resolve: ({ event }) => event.exceptionCode,
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When it was read from the line.',
      resolve: ({ event }) => event.occurredAt,
    }),
    bill: t.field({
      type: MoneyType,
      nullable: true,
      description: 'The bill that was accepted, in the venue’s currency.',
      resolve: (bill, _args, context) => billOf(bill, context),
    }),
    billAcceptor: t.field({
      type: BillAcceptorType,
      nullable: true,
      description: 'The acceptor as it was then; null until floorwire switched it.',
      resolve: ({ enabled }) => (enabled === null ? null : { enabled }),
    }),
    cursor: t.field({
      type: 'Cursor',
      description: 'Resume behind this frame with `after`.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

interface BillEvent {
  readonly event: ShownEvent;
  readonly enabled: boolean | null;
  readonly cursor: string;
}

async function billOf({ event }: BillEvent, context: Context): Promise<Money | null> {
  const value = event.data?.billValue;
  if (typeof value !== 'string') return null;
  const { currency } = await ownVenue(context);
  return { amountMinor: BigInt(value) * 10n ** BigInt(decimalsOf(currency)), currency };
}

builder.subscriptionField('billEvents', (t) =>
  t.field({
    type: BillEventType,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'Each thing the bill acceptors of the venue’s machines did or were told, once and in order. Needs MACHINES_READ (AUTH_004).',
    args: {
      machineIds: t.arg.idList({
        description: 'Of these machines, 1 to 100 (API_001). One that does not exist gives API_002.',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, args, context) => machineEventFrames(context, { ...args, types: BILL_EVENT_TYPES }),
    resolve: (frame: RaisedFrame) => ({
      event: eventOf(frame),
      enabled: frame.payload.billAcceptorEnabled,
      cursor: frame.cursor,
    }),
  }),
);
