import { SocketTokenRefusedError } from '../auth/errors.ts';
import { ValidationError } from '../lib/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const RefreshConnectionSuccessType = builder
  .objectRef<{ readonly expiresAt: Date | null }>('RefreshConnectionSuccess')
  .implement({
    description: 'The socket goes on, with everything that runs on it and may still be followed.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The socket was renewed.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it closes with 4403 unless renewed again; null with an API key that does not end.',
      }),
    }),
  });

const RefreshConnectionInput = builder.inputType('RefreshConnectionInput', {
  description: 'What a socket goes on with.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description:
        'What `connection_init` would take here (`realtimeInfo.tokenParameters`), of the same session or API key.',
    }),
  }),
});

builder.mutationField('refreshConnection', (t) =>
  t.field({
    type: RefreshConnectionSuccessType,
    nullable: true,
    authScopes: { signedIn: true },
    takesCredentials: 'RENEWAL',
    description:
      'Renews the WebSocket it is asked on before its token ends. What runs on it runs on; a stream the caller may no longer have ends with AUTH_004 before the answer. Over HTTP there is nothing to renew (ValidationError).',
    args: {
      input: t.arg({
        type: RefreshConnectionInput,
        required: true,
        description: 'What the socket goes on with.',
      }),
    },
    errors: { types: [SocketTokenRefusedError, ValidationError], directResult: true },
    resolve: async (_root, { input }, { socket }) => {
      if (!socket)
        throw new ValidationError('refreshConnection renews the WebSocket it is asked on, and this is none.');
      return { expiresAt: await socket.renew(input.token) };
    },
  }),
);
