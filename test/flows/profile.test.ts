import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { http, transports, login, signIn } = transportsTo(floor);

const UPDATE = `mutation ($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    __typename
    ... on UpdateProfileSuccess { user { username displayName version } }
    ... on Error { code message }
    ... on VersionConflictError { currentVersion }
  }
}`;

let count = 0;
async function aPlayer() {
  count += 1;
  const username = `profile-${count}`;
  const { email } = await aUser(runWork, { venueId: floor.venueId, username, displayName: 'Rosa' });
  const { accessToken: token } = await signIn(email);
  return { username, token };
}

test.each(transports)(
  'over %s, what is named changes, what is not stays, and null removes',
  async (_, ask) => {
    const { username, token } = await aPlayer();
    const update = async (input: object) => (await ask(UPDATE, { token, input })).data.updateProfile.user;
    expect(await update({ expectedVersion: 1, displayName: ' Rosa L. ' })).toEqual({
      username,
      displayName: 'Rosa L.',
      version: 2,
    });
    const renamed = `${username}.new`;
    expect(await update({ expectedVersion: 2, username: renamed, displayName: null })).toEqual({
      username: renamed,
      displayName: null,
      version: 3,
    });
    expect((await login(renamed)).__typename).toBe('LoginSuccess');
    expect(await login(username)).toMatchObject({ code: 'AUTH_001' });
  },
);

test.each(transports)(
  'over %s, a profile that changed since it was read is not overwritten',
  async (_, ask) => {
    const { token } = await aPlayer();
    await ask(UPDATE, { token, input: { expectedVersion: 1, displayName: 'first' } });
    const { data } = await ask(UPDATE, { token, input: { expectedVersion: 1, displayName: 'second' } });
    expect(data.updateProfile).toMatchObject({
      __typename: 'VersionConflictError',
      code: 'API_003',
      currentVersion: 2,
    });
    expect((await ask('{ viewer { user { displayName } } }', { token })).data.viewer.user.displayName).toBe(
      'first',
    );
  },
);

test('of ten changes of one version, one is made', async () => {
  const { token } = await aPlayer();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      http(UPDATE, { token, input: { expectedVersion: 1, displayName: `name ${at}` } }),
    ),
  );
  const names = answers.map(({ data }) => data.updateProfile.__typename).sort();
  expect(names).toEqual(['UpdateProfileSuccess', ...Array(9).fill('VersionConflictError')]);
});

test('a username that another has, in whatever case, and a malformed one are refused', async () => {
  const [mine, other] = [await aPlayer(), await aPlayer()];
  const update = async (input: object) =>
    (await http(UPDATE, { token: mine.token, input: { expectedVersion: 1, ...input } })).data.updateProfile;
  expect(await update({ username: other.username.toUpperCase() })).toMatchObject({
    __typename: 'UsernameTakenError',
    code: 'API_001',
  });
  expect((await update({ username: 'r' })).__typename).toBe('ValidationError');
  expect((await update({ displayName: '' })).__typename).toBe('ValidationError');
  expect((await update({})).user).toEqual({ username: mine.username, displayName: 'Rosa', version: 1 });
});

test('nobody has no profile', async () => {
  expect(refusalOf(await http(UPDATE, { input: { expectedVersion: 1 } }))).toBe('AUTH_001');
});
