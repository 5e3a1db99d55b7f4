import { sql } from 'kysely';
import { afterEach, expect, test, vi } from 'vitest';
import { verifyAuditCommand } from '../../src/cli/audit.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp({ machines: 1 });
const [machineId = ''] = floor.machineIds;
await floor.online();

const ENTRIES = `query ($types: [String!], $actorId: ID, $first: Int, $after: String) {
  auditLog(types: $types, actorId: $actorId, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id sequence at type address requestId data hash actor { kind id user { username } } }
  }
}`;

const entries = async (variables = {}, as: Asker = 'ADMIN') =>
  (await floor.ask(ENTRIES, { as, variables })).data.auditLog;

const idOf = async (as: Asker): Promise<string> =>
  (await floor.ask('{ viewer { user { id } } }', { as })).data.viewer.user.id;

test('a sign-in and a command are on record with who, whence and the number of the request', async () => {
  const { data } = await floor.ask(
    'mutation ($password: String!) { login(input: { identifier: "operator", password: $password }) { ... on LoginSuccess { session { id } } } }',
    { as: null, variables: { password: PASSWORD } },
  );
  await floor.ask(
    'mutation ($id: ID!) { lockMachine(input: { machineId: $id, reason: "test" }) { __typename } }',
    {
      variables: { id: machineId },
    },
  );
  const operator = await idOf('OPERATOR');

  await eventually(async () => (await entries({ actorId: operator })).totalCount > 0);
  const { nodes: commands } = await entries({ actorId: operator });
  expect(commands[0]).toMatchObject({
    type: 'machine.command-queued',
    address: expect.stringContaining('127.0.0.1'),
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    actor: { kind: 'USER', id: operator, user: { username: 'operator' } },
  });
  expect(JSON.stringify(commands[0].data)).toContain(machineId);
  expect(commands[0].data.command).toMatchObject({ kind: 'LOCK', reason: 'test' });

  const { nodes: signIns } = await entries({ types: ['auth.session-opened'] });
  expect(signIns).toContainEqual(
    expect.objectContaining({
      address: expect.stringContaining('127.0.0.1'),
      actor: { kind: 'ANONYMOUS', id: null, user: null },
      data: { sessionId: data.login.session.id, userId: operator },
    }),
  );
});

test('pages of the record, the newest first, hold each entry once while more are added', async () => {
  const before = await entries({ first: 1 });
  const seen: string[] = before.nodes.map(({ sequence }: { sequence: string }) => sequence);
  for (let page = before; page.pageInfo.hasNextPage; ) {
    await floor.ask(
      'mutation ($id: ID!) { setBillAcceptor(input: { machineId: $id, enabled: true }) { __typename } }',
      {
        variables: { id: machineId },
      },
    );
    page = await entries({ first: 2, after: page.pageInfo.endCursor });
    seen.push(...page.nodes.map(({ sequence }: { sequence: string }) => sequence));
  }
  expect(seen).toEqual(Array.from(seen, (_, at) => String(seen.length - at)));
});

test('an entry is a node for who may read the record, and nothing for others', async () => {
  const { nodes } = await entries({ first: 1 });
  const ask = async (as: Asker) =>
    (await floor.ask('query ($id: ID!) { node(id: $id) { id } }', { as, variables: { id: nodes[0].id } }))
      .data.node;
  expect(await ask('AUDITOR')).toEqual({ id: nodes[0].id });
  for (const as of ['OPERATOR', 'PLAYER', 'FOREIGN_ADMIN'] as const) expect(await ask(as)).toBeNull();
});

test('the record verifies, as a whole and behind an anchor kept before, and not behind another', async () => {
  const verify = async (anchor: object | null) =>
    (
      await floor.ask(
        'query ($anchor: AuditAnchorInput) { verifyAudit(anchor: $anchor) { valid entries fault brokenSequence headSequence headHash } }',
        { as: 'AUDITOR', variables: { anchor } },
      )
    ).data.verifyAudit;
  const whole = await verify(null);
  expect(whole).toMatchObject({ valid: true, fault: null, brokenSequence: null });
  expect(String(whole.entries)).toBe(whole.headSequence);
  const anchor = { sequence: whole.headSequence, hash: whole.headHash };
  expect(await verify(anchor)).toMatchObject({ valid: true });
  expect(await verify({ ...anchor, hash: '0'.repeat(64) })).toMatchObject({
    valid: false,
    fault: 'ANCHOR',
    brokenSequence: whole.headSequence,
  });
});

const command = async (options: Parameters<typeof verifyAuditCommand>[1]) => {
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await verifyAuditCommand(
      { ...readConfig({ DATA_DIR: floor.dataDir, DEMO: '0' }), databaseUrl: floor.connection },
      options,
    );
    return said.mock.calls.map(([line]) => String(line));
  } finally {
    said.mockRestore();
  }
};
afterEach(() => {
  process.exitCode = 0;
});

test('floorwire audit verify names the venues that hold, and the entry of one that does not', async () => {
  const [casino = '', elsewhere, log] = await command({});
  expect(casino).toMatch(/^casino: \d+ entries hold; anchor \d+:[0-9a-f]{64}\n$/);
  expect(elsewhere).toMatch(/^elsewhere: \d+ entries hold/);
  expect(log).toMatch(/^event log: \d+ events hold\n$/);
  expect(process.exitCode ?? 0).toBe(0);

  const anchor = / (\d+:[0-9a-f]{64})$/m.exec(casino)?.[1] ?? '';
  expect(await command({ venue: 'casino', anchor })).toEqual([
    expect.stringMatching(/^casino: \d+ entries hold/),
  ]);

  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  await sql`update audit_entry set payload = '{}' where sequence = 2 and venue_id = ${floor.venueId}`.execute(
    owner.db,
  );
  expect((await command({}))[0]).toBe('casino: BROKEN CONTENT at 2\n');
  expect(process.exitCode).toBe(1);
});

test('floorwire audit verify names the event of the log that was changed', async () => {
  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  await sql`update event_log set type = 'auth.nothing' where position = 2`.execute(owner.db);
  expect((await command({})).at(-1)).toBe('event log: BROKEN CHAIN at 2\n');
  expect(process.exitCode).toBe(1);
});

test.each([
  [{ venue: 'nowhere' }, 'There is no venue nowhere.'],
  [{ anchor: `1:${'0'.repeat(64)}` }, '--anchor takes --venue as well.'],
  [{ venue: 'casino', anchor: '1' }, '--anchor takes NUMBER:HASH, as an earlier verification said.'],
])('floorwire audit verify with %o says what is wrong with it', async (options, message) => {
  await expect(command(options)).rejects.toThrow(message);
});

test.each([
  ['a cursor of another connection', 'first: 1, after: "AAAA"'],
  ['more types than are taken', `types: [${'"a.b",'.repeat(101)}]`],
])('%s is API_001', async (_, args) => {
  const { errors } = await floor.ask(`{ auditLog(${args}) { totalCount } }`, { as: 'ADMIN' });
  expect(errors?.[0]?.extensions.code).toBe('API_001');
});
