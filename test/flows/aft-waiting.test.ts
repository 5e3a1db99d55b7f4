import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { AFT_FEATURES } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

/** Who orders a transfer is kept waiting for so long and no longer. */

const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({
  machines: 1,
  settings: { commandTimeoutMs: 2_000 },
  egm: { settings: { assetNumber: 7, features: AFT_FEATURES } },
});
await floor.online();
const [machineId = ''] = floor.machineIds;
const [egm] = floor.egms;
const { id } = await aWallet(floor.app().services.runWork, { venueId: floor.venueId, balanceMinor: 10_000n });

const START = `mutation ($input: StartAftTransferInput!) { startAftTransfer(input: $input) {
  ... on StartAftTransferSuccess { transfer { id state } } ... on Error { code } } }`;
const STATE = 'query ($id: ID!) { node(id: $id) { ... on AftTransfer { state } } }';

/** What is told of a transfer of one dollar; one that was not sent in time is ordered anew. */
const started = () =>
  eventually(async () => {
    const terms = { direction: 'TO_MACHINE', amount: '1.00', currency: 'USD' };
    const input = { ...terms, walletId: encodeGlobalId('Wallet', id), machineId, idempotencyKey: newId() };
    const { data } = await floor.ask(START, { as: 'ADMIN', variables: { input } });
    return data.startAftTransfer.transfer;
  }, WAIT);
const settled = (transferId: string) =>
  eventually(async () => {
    const { data } = await floor.ask(STATE, { as: 'ADMIN', variables: { id: transferId } });
    return data.node.state === 'SETTLED';
  }, WAIT);

test('while the machine waits for the end of a game, that it is pending there', async () => {
  egm?.insertBill(10n);
  expect(egm?.startGame({ wager: 10n, win: 10n })).toBeNull();
  const transfer = await started();
  expect(transfer.state).toBe('PENDING_ON_MACHINE');
  egm?.endGame();
  await settled(transfer.id);
});

test('while nothing is heard of it, that it was sent', async () => {
  floor.disturb((answer) => (answer[1] === 0x72 ? [] : answer));
  const transfer = await started();
  expect(transfer.state).toBe('SENT');
  floor.disturb(null);
  await settled(transfer.id);
});
