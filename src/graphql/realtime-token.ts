import { SessionRevokedError } from '../auth/errors.ts';
import { makeRealtimeToken } from '../auth/realtime-token.ts';
import { keepRealtimeToken } from '../auth/realtime-token-service.ts';
import { isSignedIn } from '../lib/actor.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import { NotSignedInError } from './errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

interface IssuedRealtimeToken {
  readonly realtimeToken: string;
  readonly singleUse: boolean;
  readonly expiresAt: Date;
  readonly expiresInSeconds: number;
}

const IssueRealtimeTokenSuccessType = builder
  .objectRef<IssuedRealtimeToken>('IssueRealtimeTokenSuccess')
  .implement({
    description: 'A token that opens a WebSocket and is good for nothing else.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'Connect with it now.' }),
      token: t.exposeString('realtimeToken', {
        description:
          'To be sent as `realtimeToken` in `connection_init`, never in a URL. Keep it in memory only.',
      }),
      singleUse: t.exposeBoolean('singleUse', { description: 'Whether it opens one socket and no more.' }),
      expiresIn: t.exposeInt('expiresInSeconds', {
        description:
          'How long it opens sockets, and how long they live unless renewed by `refreshConnection`, in seconds: 1800, or less when the session ends before.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends.' }),
      url: t.field({
        type: 'URL',
        description: 'Where to connect.',
        resolve: (_token, _args, { info }) => info.webSocketUrl,
      }),
    }),
  });

const IssueRealtimeTokenInput = builder.inputType('IssueRealtimeTokenInput', {
  description: 'What kind of token.',
  fields: (t) => ({
    singleUse: t.boolean({
      defaultValue: true,
      required: true,
      description: 'Whether it is to open one socket and no more.',
    }),
  }),
});

builder.mutationField('issueRealtimeToken', (t) =>
  t.field({
    type: IssueRealtimeTokenSuccessType,
    nullable: true,
    authScopes: { signedIn: true },
    description:
      'Gives a token that opens a WebSocket with the rights of whoever asks. It ends with his session, and with the key that signed the access token he asks with. Ask for one before each connection.',
    args: {
      input: t.arg({
        type: IssueRealtimeTokenInput,
        description: 'What kind of token; one that is good once by default.',
      }),
    },
    errors: { types: [SessionRevokedError], directResult: true },
    resolve: async (_root, { input }, { runWork, actor, keyId = null }) => {
      if (!isSignedIn(actor)) throw new NotSignedInError();
      const singleUse = input?.singleUse ?? true;
      const { token: realtimeToken, hash } = makeRealtimeToken();
      const kept = await runWork(actor, (work) => keepRealtimeToken(work, actor, { hash, singleUse, keyId }));
      return { realtimeToken, singleUse, ...kept };
    },
  }),
);
