import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0, settings: { mail: null } });
const { transports, http, signIn } = transportsTo(floor);

const mutation = (field: string, type: string) =>
  `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on Error { code message } } }`;

test.each(transports)(
  'over %s, a server without mail says so to whoever needs one, known or not',
  async (_, ask) => {
    const { accessToken: token } = await signIn('player');
    const unavailable = { __typename: 'MailUnavailableError', code: 'SYS_001', message: expect.any(String) };
    for (const email of ['player@example.com', 'nobody@example.com']) {
      const reset = await ask(mutation('requestPasswordReset', 'RequestPasswordReset'), { input: { email } });
      expect(reset.data.requestPasswordReset).toEqual(unavailable);
      const again = await ask(mutation('resendVerification', 'ResendVerification'), { input: { email } });
      expect(again.data.resendVerification).toEqual(unavailable);
    }
    const input = { newEmail: 'new@example.com', password: PASSWORD };
    const change = await ask(mutation('changeEmail', 'ChangeEmail'), { token, input });
    expect(change.data.changeEmail).toEqual(unavailable);
  },
);

test('whoever registers there can sign in, and nothing waits to be sent', async () => {
  const input = { email: 'quiet@example.com', password: PASSWORD };
  const { data } = await http(mutation('register', 'Register'), { input });
  expect(data.register.__typename).toBe('RegisterSuccess');
  await signIn('quiet@example.com');
  const { db } = floor.app().services;
  expect(await db.selectFrom('account_mail_request').select('id').execute()).toEqual([]);
  expect(await db.selectFrom('mail_outbox').select('id').execute()).toEqual([]);
});
