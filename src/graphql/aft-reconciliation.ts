import {
  type AftReconciliation,
  differenceOf,
  type ReconciledMeter,
  type ReconciliationOutcome,
  type ReconciliationReason,
} from '../machine/aft-reconciliation.ts';
import { countReconciliations, listReconciliations } from '../machine/aft-reconciliation-store.ts';
import { builder } from './builder.ts';
import { MachineType } from './machine-type.ts';
import { labelOf, MeterCodeEnum } from './meter-type.ts';
import { resolvePage } from './page.ts';

const ReconciliationReasonEnum = builder.enumType('AftReconciliationReason', {
  description: 'Why a machine was compared with the ledger. Clients must survive values they do not know.',
  values: {
    START: { description: 'A driver began to drive its line, or another machine was put in its place.' },
    TRANSFER: { description: 'A transfer was over.' },
    HOUR: { description: 'It was last compared an hour ago.' },
  } satisfies Record<ReconciliationReason, { description: string }>,
});

const ReconciliationOutcomeEnum = builder.enumType('AftReconciliationOutcome', {
  description: 'What a comparison found. Clients must survive values they do not know.',
  values: {
    BASELINE: {
      description:
        'The first of the machine, or of another one in its place: where its meters stand, to be compared with later.',
    },
    EQUAL: { description: 'The meters moved as the ledger did.' },
    DIFFERENT: {
      description:
        'A meter moved otherwise, by a cent or more. The event AFT_DISCREPANCY told each such meter.',
    },
    RESET: {
      description:
        'A meter went back without having rolled over: nobody can tell what was counted. The event METER_RESET told each such meter.',
    },
  } satisfies Record<ReconciliationOutcome, { description: string }>,
});

const ReconciledMeterType = builder.objectRef<ReconciledMeter>('AftReconciledMeter').implement({
  description:
    'One transfer meter of a machine beside the ledger. Cents are hundredths of the main unit of whatever currency.',
  fields: (t) => ({
    code: t.field({ type: MeterCodeEnum, description: 'Which meter.', resolve: ({ code }) => code }),
    label: t.string({ description: 'Its name in English.', resolve: ({ code }) => labelOf(code) }),
    opening: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The raw value at `from`, in cents; null where it was not known.',
      resolve: ({ opening }) => opening,
    }),
    closing: t.field({
      type: 'BigInt',
      description: 'The raw value at `to`, in cents; where it was not told, the last that was.',
      resolve: ({ closing }) => closing,
    }),
    counted: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'What it moved, in cents, roll-overs included; null where that cannot be told.',
      resolve: ({ counted }) => counted,
    }),
    booked: t.field({
      type: 'BigInt',
      description: 'What the ledger has of transfers that this meter counts, in cents.',
      resolve: ({ booked }) => booked,
    }),
    difference: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'How much more than the ledger it moved, in cents; below zero: how much less. Null where both agree, or nobody can tell.',
      resolve: (meter) => differenceOf(meter),
    }),
  }),
});

const ReconciliationType = builder.objectRef<AftReconciliation>('AftReconciliation').implement({
  description:
    'What the transfer meters of a machine (A0 to BD) moved between two instants, beside what the ledger has of its transfers. Each begins where the one before ended.',
  fields: (t) => ({
    reason: t.expose('reason', { type: ReconciliationReasonEnum, description: 'Why it was compared.' }),
    outcome: t.expose('outcome', { type: ReconciliationOutcomeEnum, description: 'What that found.' }),
    from: t.expose('from', {
      type: 'DateTime',
      nullable: true,
      description: 'When the one before ended; null for a BASELINE.',
    }),
    to: t.expose('to', { type: 'DateTime', description: 'When the meters were read.' }),
    meters: t.field({
      type: [ReconciledMeterType],
      description: 'Each that the machine has, in the order of their codes: twelve at most.',
      resolve: ({ meters }) => [...meters],
    }),
  }),
});

const ReconciliationConnection = builder.connectionObject(
  {
    type: ReconciliationType,
    name: 'AftReconciliationConnection',
    description: 'One page of comparisons with the ledger, the newest first.',
  },
  { name: 'AftReconciliationEdge' },
);

builder.objectField(MachineType, 'aftReconciliations', (t) =>
  t.connection(
    {
      type: ReconciliationType,
      nullable: true,
      description:
        'Its transfer meters beside the ledger, the newest comparison first: after each transfer, each hour, and when a driver begins to drive its line. None while a transfer is under way or in doubt, and of a machine that is away or has no such meters.',
      resolve: ({ id: machineId, venueId }, args, { db }) =>
        resolvePage(args, {
          keyOf: ({ to, id }: AftReconciliation) => ({ at: to, id }),
          load: (range) => listReconciliations(db, venueId, { machineId, range }),
          count: () => countReconciliations(db, venueId, machineId),
        }),
    },
    ReconciliationConnection,
  ),
);
