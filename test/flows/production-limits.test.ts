import { randomBytes } from 'node:crypto';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { openGraphiql } from '../support/browser.ts';
import { httpClient } from '../support/http-client.ts';
import { connect } from '../support/socket-client.ts';

const { production, limits, rateLimits, secretKey } = readConfig({
  NODE_ENV: 'production',
  SECRET_KEY: randomBytes(32).toString('base64'),
  DEMO: '0',
});
const floor = await aFloorApp({ machines: 0, settings: { production, limits, rateLimits, secretKey } });
const { url } = floor.app();
const { ask, askEvents } = httpClient(url);

/** The result of an operation, by each way to ask for it. */
const ways = Object.entries({
  HTTP: async (query: string, token: string | null) =>
    (await ask(query, token ? { authorization: `Bearer ${token}` } : {})).body,
  'server-sent events': (query: string, token: string | null) =>
    askEvents(query, token ? { authorization: `Bearer ${token}` } : {}),
  async 'a socket'(query: string, token: string | null) {
    const client = await connect({ port: Number(new URL(url).port) });
    await client.init(token ? { accessToken: token } : {});
    client.subscribe('1', query);
    const { payload } = await Promise.race([client.message('1', 'next'), client.message('1', 'error')]);
    client.socket.close();
    return Array.isArray(payload) ? { errors: payload } : payload;
  },
});

const everything = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};
const introspections = [
  ['stock', getIntrospectionQuery()],
  ['bare', getIntrospectionQuery({ descriptions: false })],
  ['GraphiQL’s', getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true })],
  ['fullest', getIntrospectionQuery(everything)],
] as const;
const askers: (Asker | null)[] = [null, 'PLAYER', 'ADMIN'];

describe.each(ways)('over %s', (_way, run) => {
  test.each(introspections)('the %s introspection query passes for anybody', async (_name, query) => {
    for (const as of askers) {
      const { data, errors } = await run(query, as && (await floor.token(as)));
      expect(errors).toBeUndefined();
      expect(printSchema(buildClientSchema(data))).toContain('type MachineConnection');
    }
  });

  test('a subscription has the limits of a query', async () => {
    const aliases = Array.from({ length: 16 }, (_, at) => `a${at}: readAt`).join(' ');
    const { errors } = await run(`subscription { meters { ${aliases} } }`, await floor.token('OPERATOR'));
    expect(errors).toHaveLength(1);
    expect(errors[0].extensions.code).toBe('API_006');
  });
});

test('GraphiQL knows the schema', { timeout: 120_000 }, async (context) => {
  await using graphiql = await openGraphiql(`${url}/graphql`, context);
  await graphiql.page.getByRole('button', { name: /Documentation Explorer/ }).click();
  await graphiql.page.locator('.graphiql-doc-explorer').getByText('Subscription').first().waitFor();
  expect(graphiql.complaints).toEqual([]);
});
