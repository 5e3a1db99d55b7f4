import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import type { EventAcknowledgement } from '../machine/event-acknowledgement.ts';
import { acknowledgeEvent } from '../machine/event-acknowledgement-service.ts';
import { findAcknowledgements } from '../machine/event-acknowledgement-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { perContext } from './per-context.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { EventActorType } from './log-event.ts';
import { MachineEventNode } from './machine-event.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const BY_FLOORWIRE = { kind: 'system', id: null } as const;

const AcknowledgementType = builder.objectRef<EventAcknowledgement>('MachineEventAcknowledgement').implement({
  description: 'That somebody has taken note of an event: the first who did.',
  fields: (t) => ({
    by: t.field({
      type: EventActorType,
      description: 'Who it was.',
      resolve: ({ acknowledgedBy }) => acknowledgedBy ?? BY_FLOORWIRE,
    }),
    at: t.expose('acknowledgedAt', { type: 'DateTime', description: 'When.' }),
    note: t.exposeString('note', { nullable: true, description: 'What was written to it.' }),
  }),
});

builder.objectField(MachineEventNode, 'acknowledgement', (t) =>
  t.field({
    type: AcknowledgementType,
    nullable: true,
    description: 'Who has taken note of it, and when; null while nobody has.',
    resolve: ({ id }, _args, context) => acknowledgementOf(context).load(id),
  }),
);

const acknowledgementOf = perContext(async (context, ids) => {
  const found = await findAcknowledgements(context.db, venueIdOf(context), ids);
  return new Map(found.map((acknowledgement) => [acknowledgement.eventId, acknowledgement]));
});

const AcknowledgeMachineEventInput = builder.inputType('AcknowledgeMachineEventInput', {
  description: 'Which event somebody has taken note of.',
  fields: (t) => ({
    eventId: t.id({ required: true, description: 'The event’s id.' }),
    note: t.string({
      description:
        'What was done about it, in 1 to 200 characters (ValidationError). Everybody who sees the machine can read it.',
    }),
  }),
});

builder.mutationField('acknowledgeMachineEvent', (t) =>
  t.field({
    type: MachineEventNode,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONTROL' },
    description:
      'Takes note of an event. Once: where somebody did before, his name, time and note stay, and are answered. Needs MACHINES_CONTROL (AUTH_004).',
    args: {
      input: t.arg({ type: AcknowledgeMachineEventInput, required: true, description: 'Which event.' }),
    },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError],
      dataField: { name: 'event', description: 'The event with its acknowledgement.' },
      result: {
        fields: (result) => ({
          success: result.boolean({
            description: successDescription,
            resolve: () => true,
          }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The event is acknowledged.',
          }),
        }),
      },
    },
    resolve: (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const eventId = decodeIdOf('MachineEvent', input.eventId);
      return context.runWork(context.actor, (work) =>
        acknowledgeEvent(work, { venueId, eventId, note: input.note ?? null }),
      );
    },
  }),
);
