import {
  AccountHasMoneyError,
  AccountLockedError,
  InvalidCredentialsError,
  LastAdminError,
} from '../auth/errors.ts';
import { FreshSignInRequiredError } from '../auth/oauth-errors.ts';
import { AccountIsParkedError } from '../parking/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import './parking-errors.ts';
import './oauth-errors.ts';
import { messageDescription, ownPasswordDescription, successDescription } from './result-descriptions.ts';

const DeleteMyAccountSuccessType = builder
  .objectRef<{ readonly endedSessions: number }>('DeleteMyAccountSuccess')
  .implement({
    description: 'The account is gone, and with it every sign-in of its owner.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The account was deleted.' }),
      endedSessions: t.exposeInt('endedSessions', {
        description: 'How many sessions of the user ended, this one among them.',
      }),
    }),
  });

const DeleteMyAccountInput = builder.inputType('DeleteMyAccountInput', {
  description: 'What shows that it is the owner who deletes an account.',
  fields: (t) => ({
    password: t.string({ description: ownPasswordDescription }),
  }),
});

builder.mutationField('deleteMyAccount', (t) =>
  t.field({
    type: DeleteMyAccountSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Deletes the account of the caller at every venue, for good. What goes: his e-mail address, which is free for another account, his names, roles, second factor, linked identities and what his sessions came from; his notifications, preferences, calendar feeds and the messages to him; the number plates he parked with, and the words in which he said why he cancelled a booking or a parking reservation, from the audit record too. His upcoming bookings and reservations are cancelled, his holds and places in line given up, his devices left to their venues and his empty wallets closed. What stays names him by id alone: past bookings and stays, the ledger, what he said on channels for others, and the audit record, which says what was done and from which network address. Events that clients can still catch up on keep those words for EVENT_RETENTION. All his sessions end and his sockets close with WS_006. A wallet that has money keeps the account (AccountHasMoneyError), and so does a car that stands on a parking lot (AccountIsParkedError). Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: DeleteMyAccountInput,
        required: true,
        description: 'What shows that it is the owner who deletes an account.',
      }),
    },
    errors: {
      types: [
        InvalidCredentialsError,
        FreshSignInRequiredError,
        AccountLockedError,
        LastAdminError,
        AccountHasMoneyError,
        AccountIsParkedError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, { auth, actor, client }) => ({
      endedSessions: await auth.accounts.deleteAccount(signedInUser(actor), input.password ?? null, client),
    }),
  }),
);
