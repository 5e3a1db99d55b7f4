import {
  IdempotencyMismatchError,
  NotFoundError,
  NotOwnerError,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { ParkingEndedError } from '../parking/errors.ts';
import { settleDue } from '../parking/session-settlement.ts';
import { keyDescription } from './booking-input.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import './parking-errors.ts';
import { answerOf, done } from './parking-session.ts';
import { SettlementWayEnum } from './parking-session-type.ts';

const SettleParkingDueInput = builder.inputType('SettleParkingDueInput', {
  description: 'Of which stay all that is due was taken at the desk, or is waived.',
  fields: (t) => ({
    sessionId: t.id({ required: true, description: 'The stay, which has ended.' }),
    how: t.field({ type: SettlementWayEnum, required: true, description: 'How.' }),
    note: t.string({
      description:
        '1 to 200 characters, such as the number of the receipt. WAIVED needs one that says why (ValidationError).',
    }),
    expectedVersion: t.int({
      required: true,
      description:
        '`ParkingSession.version` as the caller read it (VersionConflictError): what a wallet has paid since is not taken twice.',
    }),
    idempotencyKey: t.string({ required: true, description: keyDescription }),
  }),
});

builder.mutationField('settleParkingDue', (t) =>
  t.field({
    type: answerOf('SettleParkingDueSuccess', {
      description: 'Nothing of the stay is due any more.',
      message: 'The stay is settled.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_MANAGE' },
    description:
      'Settles all that is due of a stay without a wallet, of nobody’s or of somebody’s: it was taken in cash or by card, or is waived. Once; while the car stands there, or where nothing is due, it is refused (ParkingEndedError). No wallet is touched. Needs PARKING_MANAGE (AUTH_004).',
    args: {
      input: t.arg({ type: SettleParkingDueInput, required: true, description: 'Of which, and how.' }),
    },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        VersionConflictError,
        IdempotencyMismatchError,
        ParkingEndedError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { idempotencyKey, how, expectedVersion } = input;
      const wanted = {
        venueId: venueIdOf(context),
        sessionId: decodeIdOf('ParkingSession', input.sessionId),
        how,
        note: input.note ?? null,
        expectedVersion,
      };
      return await done(context, {
        key: idempotencyKey,
        parameters: { what: 'settle-parking', ...wanted },
        act: async (work) => (await settleDue(work, wanted)).id,
      });
    },
  }),
);
