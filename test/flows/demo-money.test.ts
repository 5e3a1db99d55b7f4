import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What README says of money in the demo. */
const { connection } = await cloneDatabase();
const server = await startServerProcess({
  DATA_DIR: await temporaryFolder(),
  DATABASE_URL: connection,
  DEMO: '1',
});
afterAll(async () => {
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});
const { ask, post } = httpClient(server.url);

async function askerAs(identifier: string, password: string) {
  const { body } = await ask(
    `mutation { login(input: { identifier: "${identifier}", password: "${password}" }) { ... on LoginSuccess { accessToken } } }`,
  );
  const headers = { authorization: `Bearer ${body.data.login.accessToken}` };
  return async (query: string, input: object = {}) =>
    (await post({ query, variables: { input } }, headers)).body;
}

const asPlayer = await askerAs('player1', 'seven-cherries-in-a-row');
const asAdmin = await askerAs('admin', 'open-the-house-tonight');
const { data } = await asPlayer('{ wallets(first: 1) { nodes { id } } }');
const money = () => ({
  walletId: data.wallets.nodes[0].id,
  currency: 'USD',
  amount: '1.00',
  idempotencyKey: crypto.randomUUID(),
});

test('no machine of the demo moves money: each answers SAS_005', async () => {
  const machines = await eventually(async () => {
    const { nodes } = (await asAdmin('{ machines(first: 100) { nodes { id connection } } }')).data.machines;
    return nodes.every(({ connection }: { connection: string }) => connection === 'ONLINE') && nodes;
  });
  expect(machines).toHaveLength(8);
  const START = `mutation ($input: StartAftTransferInput!) { startAftTransfer(input: $input) { ... on Error { code } } }`;
  for (const { id: machineId } of machines) {
    const answer = await asAdmin(START, { ...money(), machineId, direction: 'TO_MACHINE' });
    expect(answer.data.startAftTransfer).toEqual({ code: 'SAS_005' });
  }
});

test('a player posts no cash, but captures his own hold as a withdrawal', async () => {
  const POST =
    'mutation ($input: PostWalletTransactionInput!) { postWalletTransaction(input: $input) { __typename } }';
  const refused = await asPlayer(POST, { ...money(), kind: 'WITHDRAWAL' });
  expect(refused.errors[0].extensions.code).toBe('AUTH_004');
  const HOLD =
    'mutation ($input: PlaceWalletHoldInput!) { placeWalletHold(input: $input) { ... on PlaceWalletHoldSuccess { hold { id } } } }';
  const { hold } = (await asPlayer(HOLD, { ...money(), expiresInSeconds: 600 })).data.placeWalletHold;
  const CAPTURE =
    'mutation ($input: CaptureWalletHoldInput!) { captureWalletHold(input: $input) { __typename } }';
  const { walletId: _, ...captured } = { ...money(), holdId: hold.id, kind: 'WITHDRAWAL' };
  expect((await asPlayer(CAPTURE, captured)).data.captureWalletHold.__typename).toBe(
    'CaptureWalletHoldSuccess',
  );
});
