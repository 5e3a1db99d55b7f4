import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { AFT_FEATURES } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

/** Machines count hundredths, and there are currencies of thousandths. */
const floor = await aFloorApp({
  machines: 1,
  egm: { settings: { assetNumber: 7, features: AFT_FEATURES } },
  currency: 'KWD',
});
await floor.online();
const [machineId = ''] = floor.machineIds;
const { runWork } = floor.app().services;
const { id } = await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 100_000n, currency: 'KWD' });

async function mutate(name: string, input: Record<string, unknown>) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data, errors } = await floor.ask(
    `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) {
      ... on ${type}Success { transfer { id state } } ... on Error { code message } } }`,
    { as: 'ADMIN', variables: { input: { idempotencyKey: newId(), currency: 'KWD', ...input } } },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.answer;
}

const start = (amount: string) =>
  mutate('startAftTransfer', {
    walletId: encodeGlobalId('Wallet', id),
    machineId,
    direction: 'TO_MACHINE',
    amount,
  });

test('an amount that machines cannot count is refused', async () => {
  expect(await start('1.005')).toMatchObject({
    code: 'API_001',
    message: expect.stringContaining('hundredths'),
  });
});

test('what no machine can have moved is no way to resolve a transfer', async () => {
  floor.disturb((answer) => (answer[1] === 0x72 ? [] : answer));
  const answer = start('1.000');
  const sent = await eventually(async () => {
    const { data } = await floor.ask('{ aftTransfers(first: 1) { nodes { id state } } }', { as: 'ADMIN' });
    const [last] = data.aftTransfers.nodes;
    return last?.state === 'SENT' && last;
  });
  expect(
    await mutate('resolveAftTransfer', {
      transferId: sent.id,
      reason: 'half of it',
      outcome: 'SETTLED',
      amount: '0.505',
    }),
  ).toMatchObject({ code: 'API_001', message: expect.stringContaining('hundredths') });
  floor.disturb(null);
  expect(await answer).toMatchObject({ transfer: { state: 'SETTLED' } });
});
