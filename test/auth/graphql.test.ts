import { type GraphQLNamedType, graphql, isEnumType, isInputObjectType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import '../../src/graphql/auth.ts';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { createRateLimiter } from '../../src/http/rate-limiter.ts';
import { type Actor, ANONYMOUS } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { anAuth, runWorkOn, TOKEN_SECONDS } from '../support/auth.ts';
import { anActor, aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const auth = await anAuth(floor);
const schema = buildSchema();
/** The parts of the server that identity needs. */
const rateLimits = createRateLimiter(NO_RATE_LIMITS, null);
const services: Partial<Services> = { db: floor.db, runWork, auth, rateLimits };

async function ask(
  source: string,
  { actor = ANONYMOUS, variables = {} }: { actor?: Actor; variables?: object } = {},
) {
  const client = { address: '192.0.2.7', userAgent: 'test' };
  const contextValue = createContext(services as Services, { actor, requestId: newId(), client });
  const result = await graphql({ schema, source, contextValue, variableValues: { ...variables } });
  // GraphQL's objects have no prototype.
  return JSON.parse(JSON.stringify(result));
}

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) {
    __typename
    ... on RegisterSuccess { success message user { id email username displayName roles status createdAt } }
    ... on Error { code message }
    ... on WeakPasswordError { failedRules minLength }
  }
}`;
const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) {
    __typename
    ... on LoginSuccess {
      success message accessToken tokenType expiresIn expiresAt
      user { id email roles } session { id createdAt expiresAt }
    }
    ... on Error { code message timestamp requestId retryable path }
  }
}`;
const VIEWER =
  '{ viewer { user { id email roles } roles scopes venue { slug } session { id createdAt expiresAt } } }';

test('somebody registers, signs in and sees himself', async () => {
  const email = 'rosa@example.com';
  const input = { email, password: PASSWORD, username: 'rosa', displayName: 'Rosa' };
  const { data: registered } = await ask(REGISTER, { variables: { input } });
  expect(registered.register).toEqual({
    __typename: 'RegisterSuccess',
    success: true,
    message: expect.any(String),
    user: {
      id: expect.any(String),
      email,
      username: 'rosa',
      displayName: 'Rosa',
      roles: ['PLAYER'],
      status: 'ACTIVE',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
  });

  const { data: signedIn } = await ask(LOGIN, {
    variables: { input: { identifier: email, password: PASSWORD } },
  });
  const { id } = registered.register.user;
  expect(signedIn.login).toMatchObject({
    __typename: 'LoginSuccess',
    success: true,
    tokenType: 'Bearer',
    expiresIn: TOKEN_SECONDS,
    user: { id, email, roles: ['PLAYER'] },
  });

  const actor = await auth.actorOf(signedIn.login.accessToken);
  const { data: seen } = await ask(VIEWER, { actor });
  expect(seen.viewer).toEqual({
    user: { id, email, roles: ['PLAYER'] },
    roles: ['PLAYER'],
    scopes: [
      'PROFILE',
      'VENUES_READ',
      'WALLETS_READ',
      'WALLETS_USE',
      'BOOKINGS_READ',
      'BOOKINGS_WRITE',
      'PARKING_READ',
      'PARKING_WRITE',
      'CHANNELS_READ',
    ],
    venue: { slug: venue.slug },
    session: signedIn.login.session,
  });
});

test('nobody signed in is nobody, not an error', async () => {
  expect(await ask(VIEWER)).toEqual({ data: { viewer: null } });
});

test('a failed sign-in says why, when, under which number and where', async () => {
  const { data } = await ask(LOGIN, { variables: { input: { identifier: 'rosa', password: 'wrong' } } });
  expect(data.login).toEqual({
    __typename: 'InvalidCredentialsError',
    code: 'AUTH_001',
    message: 'The username, the password or the venue is wrong.',
    timestamp: expect.stringMatching(/T\d\d:\d\d:\d\d\.\d{6}/),
    requestId: expect.any(String),
    retryable: false,
    path: ['login'],
  });
});

test.each([
  [{ email: 'ROSA@example.com' }, { __typename: 'EmailTakenError', code: 'AUTH_010' }],
  [{ username: 'ROSA' }, { __typename: 'UsernameTakenError', code: 'API_001' }],
  [{ username: 'r' }, { __typename: 'ValidationError', code: 'API_001' }],
  [{ displayName: '' }, { __typename: 'ValidationError', code: 'API_001' }],
  [{ venue: 'nowhere' }, { __typename: 'NotFoundError', code: 'API_002' }],
  [
    { password: 'password' },
    {
      __typename: 'WeakPasswordError',
      code: 'AUTH_011',
      failedRules: ['TOO_SHORT', 'COMMON'],
      minLength: 12,
    },
  ],
])('registering with %j is answered by %j', async (overrides, expected) => {
  const input = { email: 'other@example.com', password: PASSWORD, ...overrides };
  const { data } = await ask(REGISTER, { variables: { input } });
  expect(data.register).toMatchObject(expected);
});

test('another user is found by those who may, his address only by ADMIN and OPERATOR', async () => {
  const player = await aUser(runWork, { venueId: venue.id });
  const foreign = await aUser(runWork, { venueId: (await aVenue(runWork)).id });
  const query = 'query ($id: ID!) { node(id: $id) { id ... on User { email username } } }';
  const seenBy = async (roles: ('ADMIN' | 'OPERATOR' | 'AUDITOR' | 'PLAYER')[]) => {
    const actor = anActor(await aUser(runWork, { venueId: venue.id, roles }));
    const of = (id: string) => ask(query, { actor, variables: { id: encodeGlobalId('User', id) } });
    expect(await of(foreign.id)).toEqual({ data: { node: null } });
    return (await of(player.id)).data.node;
  };
  const { username, email } = player;
  expect(await seenBy(['ADMIN'])).toMatchObject({ username, email });
  expect(await seenBy(['OPERATOR'])).toMatchObject({ username, email });
  expect(await seenBy(['AUDITOR'])).toMatchObject({ username, email: null });
  expect(await seenBy(['PLAYER'])).toBeNull();
});

test('every type, field, argument and value of identity is described', () => {
  const own =
    /^(User|Viewer|AuthSession|Login|Register|Role|Scope|Password|Invalid|Email|Username|WeakPassword)/;
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => own.test(name));
  const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
    Object.values(root?.getFields() ?? {}).filter(({ name }) =>
      ['viewer', 'login', 'register'].includes(name),
    ),
  );
  const undescribed = [...types.flatMap(partsOf), ...roots.flatMap((root) => [root, ...root.args])]
    .filter(({ description }) => !description)
    .map(({ name }) => name);
  expect([types.length > 12, roots.length, undescribed]).toEqual([true, 3, []]);
});

function partsOf(type: GraphQLNamedType): { name: string; description?: string | null | undefined }[] {
  if (isEnumType(type)) return [type, ...type.getValues()];
  const hasFields = isInputObjectType(type) || isObjectType(type);
  return hasFields ? [type, ...Object.values(type.getFields())] : [type];
}
