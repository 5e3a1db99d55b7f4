import { expect, test } from 'vitest';
import { NO_ACCOUNT_MAIL } from '../../src/auth/account-mail-service.ts';
import { InvalidCredentialsError, SessionRevokedError } from '../../src/auth/errors.ts';
import type { AuthServices } from '../../src/auth/service.ts';
import { revokeOwnSession } from '../../src/auth/session-service.ts';
import { lockUser } from '../../src/auth/user-standing-service.ts';
import { system, type UserActor } from '../../src/lib/actor.ts';
import { CLOSED_MAILROOM } from '../../src/mail/mailroom.ts';
import type { RunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPerson, comeBack } from '../support/oauth-journey.ts';
import { aFakeProvider } from '../support/oauth-provider.ts';

/** Who has shown that an account is his, which then changes before what he asks for is done. */
const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const { id: venueId } = await aVenue(runWork);
const provider = await aFakeProvider();
const plain = await anAuth(floor, { oauth: provider.settings });
const mailroom = { ...CLOSED_MAILROOM, isOpen: true, async post() {} };
const mail = { ...NO_ACCOUNT_MAIL, mailroom };
const NEW_PASSWORD = 'nine herons over a weir';

async function someone() {
  const { email } = await aUser(runWork, { venueId });
  const { accessToken } = await plain.login({ identifier: email, password: PASSWORD }, {});
  return { actor: await plain.actorOf(accessToken), email, password: PASSWORD };
}

async function someoneWithoutPassword() {
  const back = await comeBack({ auth: plain, provider }, aPerson());
  const { accessToken } = await plain.oauth.complete(back, {});
  return { actor: await plain.actorOf(accessToken), password: null };
}

/** Identity in which `change` comes before the last work of what is asked for. */
async function changedMeanwhile(works: number, change: () => Promise<unknown>): Promise<AuthServices> {
  let begun = 0;
  const interrupted: RunWork = async (...asked) => {
    begun += 1;
    if (begun === works) await change();
    return await runWork(...asked);
  };
  return await anAuth(floor, { runWork: interrupted, mail });
}

interface Shown {
  readonly actor: UserActor;
  readonly password: string | null;
}

const ASKED = [
  [
    'delete his account',
    ({ accounts }: AuthServices, { actor, password }: Shown) => accounts.deleteAccount(actor, password, {}),
  ],
  [
    'have another address',
    ({ accounts }: AuthServices, { actor, password }: Shown) =>
      accounts.changeEmail(actor, { newEmail: `${actor.userId}@example.com`, password }, {}),
  ],
  [
    'choose another password',
    (auth: AuthServices, { actor, password }: Shown) =>
      auth.changePassword(actor, { currentPassword: password, newPassword: NEW_PASSWORD }),
  ],
] as const;

test.each(ASKED)('nobody may %s when his session was ended meanwhile', async (_, ask) => {
  // The works before: a password is compared between two of them.
  for (const [thief, before] of [
    [await someoneWithoutPassword(), 1],
    [await someone(), 2],
  ] as const) {
    const { actor } = thief;
    const auth = await changedMeanwhile(before + 1, () =>
      runWork(actor, (work) => revokeOwnSession(work, actor, actor.sessionId)),
    );
    await expect(ask(auth, thief)).rejects.toThrow(SessionRevokedError);
  }
});

test.each(ASKED)('nobody may %s when his account was locked meanwhile', async (_, ask) => {
  const shut = await someone();
  const { userId } = shut.actor;
  const auth = await changedMeanwhile(3, () =>
    runWork(system('test'), (work) => lockUser(work, { userId, venueId, reason: 'test' })),
  );
  await expect(ask(auth, shut)).rejects.toThrow(InvalidCredentialsError);
});

test.each(ASKED)('nobody may %s when his password was changed meanwhile', async (_, ask) => {
  const thief = await someone();
  const own = await plain.login({ identifier: thief.email, password: PASSWORD }, {});
  const actor = await plain.actorOf(own.accessToken);
  const newPassword = 'a wholly different sentence';
  const auth = await changedMeanwhile(3, () =>
    plain.changePassword(actor, { currentPassword: PASSWORD, newPassword }),
  );
  await expect(ask(auth, thief)).rejects.toThrow(InvalidCredentialsError);
});

test('what nothing comes between is done', async () => {
  for (const [, ask] of ASKED) {
    let isBetween = false;
    const auth = await changedMeanwhile(3, async () => {
      isBetween = true;
    });
    await ask(auth, await someone());
    expect(isBetween).toBe(true);
  }
});
