import { expect, onTestFinished, test } from 'vitest';
import { rotateKeys } from '../../src/auth/keyring.ts';
import { closeClient, connectClient, openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { aFloorApp } from '../support/app.ts';
import { SECRET_KEY } from '../support/auth.ts';
import { anApiKey, aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { connect } from '../support/socket-client.ts';

const floor = await aFloorApp({ machines: 1, settings: { secretKey: SECRET_KEY } });
await floor.online();
const [egm] = floor.egms;
const port = Number(new URL(floor.app().url).port);

/** Keeps every sequencer from its work until it is released: what is committed is in no log yet. */
async function holdTheLog(): Promise<() => Promise<void>> {
  const client = await connectClient(floor.connection, { applicationName: 'test' });
  let closing: Promise<void> | undefined;
  const release = () => {
    closing ??= closeClient(client);
    return closing;
  };
  onTestFinished(release);
  await client.query('select pg_advisory_lock(7307811, 1)');
  return release;
}

/** Cuts every connection by which signals are heard, and waits until they are heard again. */
async function loseSignals(): Promise<void> {
  const client = await connectClient(floor.connection, { applicationName: 'test' });
  onTestFinished(() => closeClient(client));
  const listening = async () => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database()
        and application_name = 'floorwire-listener' and state = 'idle' and query <> ''`,
    );
    return rows.map(({ pid }) => pid);
  };
  const cut = await listening();
  expect(cut).not.toEqual([]);
  await client.query('select pg_terminate_backend(pid) from unnest($1::integer[]) as pid', [cut]);
  await eventually(async () => (await listening()).filter((pid) => !cut.includes(pid)).length === cut.length);
}

const versionNow = async () =>
  BigInt((await floor.ask('{ meters { version } }')).data.meters[0]?.version ?? 0);

/** Changes the meters, and answers their version when they are on record. */
async function insertBill(): Promise<bigint> {
  const before = await versionNow();
  egm?.insertBill(20n);
  await eventually(async () => (await versionNow()) > before);
  return await versionNow();
}

async function followMeters(accessToken: string) {
  const client = await connect({ port });
  await client.init({ accessToken });
  client.subscribe('meters', 'subscription { meters { version } }');
  await client.message('meters', 'next');
  const newest = () =>
    client.messages.reduce((most, { payload }) => {
      const version = BigInt(payload?.data?.meters?.version ?? 0);
      return version > most ? version : most;
    }, 0n);
  return { client, newest };
}

/** Somebody who may follow the meters, until that is taken from him. */
async function anAuditor(username: string) {
  const { runWork, auth } = floor.app().services;
  const { id } = await aUser(runWork, { venueId: floor.venueId, roles: ['AUDITOR'], username });
  const { accessToken } = await auth.login({ identifier: username, password: PASSWORD }, {});
  const userId = encodeGlobalId('User', id);
  return {
    accessToken,
    async demote() {
      const { data } = await floor.ask(
        'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }',
        { as: 'ADMIN', variables: { input: { userId, roles: ['PLAYER'] } } },
      );
      expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
    },
  };
}

test('whose right was taken is shown no state that changed later, however late the log tells of it', async () => {
  const { accessToken, demote } = await anAuditor('demoted');
  await insertBill();
  const demoted = await followMeters(accessToken);
  const other = await followMeters(await floor.token('OPERATOR'));

  const release = await holdTheLog();
  await demote();
  const atChange = await versionNow();
  await insertBill();
  const newest = await insertBill();
  for (const { newest: shown } of [demoted, other]) expect(shown()).toBeLessThanOrEqual(atChange);

  await release();
  await eventually(() => other.newest() >= newest);
  expect((await demoted.client.message('meters', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  expect(demoted.newest()).toBeLessThanOrEqual(atChange);
  for (const { client } of [demoted, other]) client.socket.close();
});

test('nor what is read anew because signals were lost', async () => {
  const { accessToken, demote } = await anAuditor('demoted-again');
  await insertBill();
  const demoted = await followMeters(accessToken);
  const other = await followMeters(await floor.token('OPERATOR'));

  const release = await holdTheLog();
  await demote();
  const atChange = await versionNow();
  const newest = await insertBill();
  await loseSignals();
  // As long as a stream could take to read them.
  for (let times = 0; times < 10; times += 1) await versionNow();
  await release();
  await eventually(() => other.newest() >= newest);
  expect((await demoted.client.message('meters', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  expect(demoted.newest()).toBeLessThanOrEqual(atChange);
  for (const { client } of [demoted, other]) client.socket.close();
});

/** Whoever follows by a key of a partner, and what ends it. */
async function byApiKey() {
  const { runWork } = floor.app().services;
  const { id, secret } = await anApiKey(runWork, { venueId: floor.venueId });
  const apiKeyId = encodeGlobalId('ApiKey', id);
  const end = () =>
    floor.ask('mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }', {
      as: 'ADMIN',
      variables: { input: { apiKeyId } },
    });
  return { followed: await followMeters(secret), end };
}

/** Whoever follows by a token, and what ends all that the key signed. */
async function bySigningKey() {
  return {
    followed: await followMeters(await floor.token('OPERATOR')),
    async end() {
      await using owner = openDatabase({
        connection: floor.connection,
        poolSize: 2,
        applicationName: 'owner',
      });
      const runWork = createRunWork({ db: owner.db, onEvents: () => {} });
      await rotateKeys({ runWork, secretKey: SECRET_KEY, revokeOld: true });
    },
  };
}

test.each([
  ['a partner’s', byApiKey, 4493],
  ['a signing', bySigningKey, 4403],
])('who follows by %s key that is revoked is shown no state that changed later', async (_, begin, code) => {
  await insertBill();
  const { followed, end } = await begin();
  const release = await holdTheLog();
  await end();
  const atChange = await versionNow();
  await insertBill();
  await insertBill();
  // As long as a stream could take to show them.
  for (let times = 0; times < 10; times += 1) await versionNow();
  expect(followed.newest()).toBeLessThanOrEqual(atChange);
  await release();
  expect((await followed.client.closed()).code).toBe(code);
  expect(followed.newest()).toBeLessThanOrEqual(atChange);
});
