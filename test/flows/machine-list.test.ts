import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import type { Connection } from '../../src/machine/machine.ts';
import { type Answer, aFloorApp } from '../support/app.ts';
import { refusalOf } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 2 });
const { db } = floor.app().services;
// Until they answer its own two are UNKNOWN, and would come to be something else between two questions.
await floor.online();
await everyKind();

/** One machine of every state there is, on two more lines that nobody drives. */
async function everyKind() {
  const lines = [newId(), newId()];
  for (const [at, id] of lines.entries())
    await db
      .insertInto('sas_line')
      .values({
        id,
        venue_id: floor.venueId,
        name: `Bank ${at}`,
        port: `nowhere-${at}`,
        wakeup_mode: 'MARKED',
        driven_by: 'nobody',
      })
      .execute();
  let count = 0;
  for (const connection of ['ONLINE', 'OFFLINE', 'UNKNOWN'] satisfies Connection[])
    for (const locked of [false, true])
      for (const inGame of [false, true])
        for (const removed of [false, true]) {
          await db
            .insertInto('machine')
            .values({
              id: newId(),
              venue_id: floor.venueId,
              line_id: lines[Math.floor(count / 2) % 2] ?? '',
              address: count + 1,
              name: `Lion ${count}`,
              connection,
              created_at: new Date(),
              in_game: inGame,
              serial_number: `SN-${count}é`,
              asset_number: 70_000n + BigInt(count),
              identified_at: new Date(),
              ...(locked && { lock_reason: 'door', locked_at: new Date() }),
              ...(removed && { removed_at: new Date() }),
            })
            .execute();
          count += 1;
        }
}

const LIST = `query ($first: Int = 100, $after: String, $lineId: ID, $statuses: [MachineStatus!], $search: String) {
  machines(first: $first, after: $after, lineId: $lineId, statuses: $statuses, search: $search) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id name status assetNumber line { id name } } } }`;

interface Listed {
  readonly name: string;
  readonly status: string;
  readonly assetNumber: string | null;
  readonly line: { readonly id: string; readonly name: string };
}

interface Page {
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  readonly nodes: readonly Listed[];
}

async function list(variables: Record<string, unknown>): Promise<readonly Listed[]> {
  const { data, errors } = await floor.ask(LIST, { variables });
  expect(errors).toBeUndefined();
  expect(data.machines.totalCount).toBe(data.machines.nodes.length);
  return data.machines.nodes;
}

const ALL = ['UNKNOWN', 'OFFLINE', 'LOCKED', 'PLAYING', 'IDLE'];
const here = await list({});
const everywhere = await list({ statuses: [...ALL, 'REMOVED'] });

test('without a filter there is whatever is on the floor, and nothing that was removed', () => {
  expect(here.filter(({ name }) => name.startsWith('Lion'))).toHaveLength(12);
  expect(new Set(here.map(({ status }) => status))).toEqual(new Set(ALL));
  expect(everywhere.filter(({ name }) => name.startsWith('Lion'))).toHaveLength(24);
});

test.each([...ALL, 'REMOVED'])('those that are %s are the ones that say so, each once', async (status) => {
  const shown = (await list({ statuses: [status], search: 'lion' })).map(({ name }) => name);
  const expected = everywhere.filter(
    (machine) => machine.status === status && machine.name.startsWith('Lion'),
  );
  expect(expected.length).toBeGreaterThan(0);
  expect(shown).toEqual(expected.map(({ name }) => name));
});

test('of a line there are its own, also together with a state', async () => {
  const lineId = here.find(({ line }) => line.name === 'Bank 1')?.line.id;
  const shown = await list({ lineId });
  expect(shown).toEqual(here.filter(({ line }) => line.id === lineId));
  expect(shown.length).toBeGreaterThan(0);
  expect(await list({ lineId, statuses: ['OFFLINE'] })).toEqual(
    shown.filter(({ status }) => status === 'OFFLINE'),
  );
});

test.each([
  ['  lION 1 ', ['Lion 12', 'Lion 14', 'Lion 16', 'Lion 18', 'Lion 10']],
  ['sn-4é', ['Lion 4']],
  ['70006', ['Lion 6']],
  ['Lion 4 SN', []],
  ['%', []],
  ['\\', []],
])('%j is looked for in names, serial numbers and asset numbers', async (search, names) => {
  expect((await list({ search })).map(({ name }) => name).sort()).toEqual([...names].sort());
});

test('pages of a filter join without a gap, and count the whole', async () => {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const { data }: Answer<{ machines: Page }> = await floor.ask(LIST, {
      variables: { first: 2, after, statuses: ['OFFLINE', 'UNKNOWN'] },
    });
    expect(data.machines.totalCount).toBeGreaterThan(2);
    names.push(...data.machines.nodes.map(({ name }: Listed) => name));
    after = data.machines.pageInfo.hasNextPage ? data.machines.pageInfo.endCursor : null;
  } while (after);
  expect(names).toEqual((await list({ statuses: ['OFFLINE', 'UNKNOWN'] })).map(({ name }) => name));
});

test.each([
  [{ statuses: [] }, 'API_001', 'statuses'],
  [{ search: '' }, 'API_001', 'search'],
  [{ search: 'x'.repeat(101) }, 'API_001', 'search'],
  [{ lineId: floor.machineIds[0] }, 'API_001', 'lineId'],
])('%j is refused', async (variables, code, field) => {
  const { errors } = await floor.ask(LIST, { variables });
  expect(errors).toMatchObject([{ extensions: { code, details: { issues: [{ path: [field] }] } } }]);
});

test('a line that does not exist, or is another venue’s, is not found', async () => {
  const own = here.find(({ line }) => line.name === 'Bank 0')?.line.id;
  const missing = Buffer.from(`SasLine:${newId()}`).toString('base64url');
  expect(refusalOf(await floor.ask(LIST, { variables: { lineId: missing } }))).toBe('API_002');
  expect(refusalOf(await floor.ask(LIST, { as: 'FOREIGN_ADMIN', variables: { lineId: own } }))).toBe(
    'API_002',
  );
});
