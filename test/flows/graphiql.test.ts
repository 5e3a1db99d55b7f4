import { afterAll, expect, onTestFinished, test } from 'vitest';
import { TokenExpiredError } from '../../src/auth/errors.ts';
import { ACTOR, anApiServer, KEY_ID } from '../support/api-server.ts';
import { openGraphiql } from '../support/browser.ts';
import { eventually } from '../support/deadline.ts';

const BROWSER_MS = 120_000;

const api = await anApiServer();
afterAll(() => api.http.close(1_000));

test('GraphiQL runs queries, and asks no other server for anything', {
  timeout: BROWSER_MS,
}, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  await graphiql.write('{ hello(name: "floor") }');
  await graphiql.run();
  await graphiql.responseWith('"hello": "Hello floor"');

  const foreign = graphiql.requested.filter(
    (url) => !/^(?:http|ws):\/\/127\.0\.0\.1:\d+\/|^(?:data|blob):/.test(url),
  );
  expect(foreign).toEqual([]);
  expect(graphiql.complaints).toEqual([]);
});

test('a sign-in on the page goes with the subscription that follows', {
  timeout: BROWSER_MS,
}, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  await graphiql.write('mutation SignIn { login { accessToken } } subscription Me { me }');
  await graphiql.run('Me');
  await graphiql.responseWith('AUTH_001');

  await graphiql.run('SignIn');
  await graphiql.responseWith('accessToken');
  await graphiql.run('Me');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  await graphiql.responseWith(ACTOR.userId);
  expect(graphiql.requested).toContain(`ws://127.0.0.1:${api.port}/graphql`);
  expect(graphiql.page.url()).toBe(`${api.url}/graphql`);

  // The play button stops what runs.
  await graphiql.run();
  await eventually(() => api.ticks.subscribers === 0);
});

test('what was written outlives a reload, and is kept in its tab alone', {
  timeout: BROWSER_MS,
}, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  const { page } = graphiql;
  await graphiql.write('{ hello(name: "a password") }');
  await graphiql.run();
  await graphiql.responseWith('Hello a password');
  await page.reload();
  await page.locator('.graphiql-query-editor .view-line', { hasText: 'a password' }).waitFor();
  expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('password');
});

test('the token of the header editor goes with whatever is run', { timeout: BROWSER_MS }, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  await graphiql.write('query Who { whoami } subscription Me { me }');
  await graphiql.writeHeaders({ Authorization: 'Bearer good' });
  await graphiql.run('Who');
  await graphiql.responseWith(`"whoami": "${ACTOR.userId}"`);
  await graphiql.run('Me');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  await graphiql.responseWith(`"me": "${ACTOR.userId}"`);
});

test('what an operator closed stays closed, and says why', { timeout: BROWSER_MS }, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  await graphiql.write('subscription { me }');
  await graphiql.writeHeaders({ Authorization: 'Bearer good' });
  await graphiql.run();
  await eventually(() => api.ticks.subscribers === 1);
  for (const { connection } of api.http.openConnections()) api.http.disconnect(connection.id, 'Enough.');
  await graphiql.responseWith('Enough.');
  expect(api.ticks.subscribers).toBe(0);
});

test('who was signed in until his token ended signs in again', { timeout: BROWSER_MS }, async (context) => {
  const ended = new Set<string>();
  const later = await anApiServer({
    authenticate: async (token) => {
      if (ended.has(token)) throw new TokenExpiredError();
      return { actor: ACTOR, expiresAt: new Date(Date.now() + 3_600_000), keyId: KEY_ID };
    },
  });
  onTestFinished(() => later.http.close(1_000));
  await using graphiql = await openGraphiql(`${later.url}/graphql`, context);
  await graphiql.write('mutation SignIn { again: login { accessToken } } query Who { whoami }');
  await graphiql.run('SignIn');
  await graphiql.responseWith('accessToken');
  await graphiql.run('Who');
  await graphiql.responseWith(ACTOR.userId);

  ended.add('good');
  await graphiql.run('SignIn');
  await graphiql.responseWith('accessToken');
  await graphiql.run('Who');
  await graphiql.responseWith('The access token has expired.');
  await graphiql.run('Who');
  await graphiql.responseWith('AUTH_001');
});

test('a server that is not reached, and what is no GraphQL, are told in words', {
  timeout: BROWSER_MS,
}, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  await graphiql.write('query Hello { hello } subscription Ticks { ticks }');
  await graphiql.page.route('**/graphql', (route) =>
    route.fulfill({ status: 502, body: '<html>Bad gateway' }),
  );
  await graphiql.run('Hello');
  await graphiql.responseWith('What answered 502 is not GraphQL');
  await graphiql.page.route('**/graphql', (route) => route.abort());
  await graphiql.run('Hello');
  const shown = await graphiql.responseWith('The server was not reached');
  expect(shown).not.toContain('stack');

  await graphiql.page.context().setOffline(true);
  await graphiql.run('Ticks');
  await graphiql.responseWith('No WebSocket came about.');
});

test('a token that is refused is told on the page', { timeout: BROWSER_MS }, async (context) => {
  await using graphiql = await openGraphiql(`${api.url}/graphql`, context);
  await graphiql.write('subscription { me }');
  await graphiql.writeHeaders({ Authorization: 'Bearer expired' });
  await graphiql.run();
  await graphiql.responseWith('WS_002 The access token has expired.');
});
