import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { HeardSymbol } from '../../src/sas/host/port.ts';
import { AFT_FEATURES } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

const floor = await aFloorApp({
  machines: 1,
  settings: { commandTimeoutMs: 30_000 },
  egm: { settings: { assetNumber: 7, features: AFT_FEATURES, aftLockDemanded: true } },
});
await floor.online();
const [machineId = ''] = floor.machineIds;
const { id: walletId } = await aWallet(floor.app().services.runWork, {
  venueId: floor.venueId,
  balanceMinor: 10_000n,
});

async function codeOf(
  field: string,
  input: object,
  type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`,
): Promise<string> {
  const { data, errors } = await floor.ask(
    `mutation ($input: ${type}!) { answer: ${field}(input: $input) { ... on Error { code } } }`,
    { as: 'ADMIN', variables: { input } },
  );
  return errors?.[0]?.extensions.code ?? data.answer.code ?? 'OK';
}

const lock = () => codeOf('lockMachine', { machineId, reason: 'test' }, 'MachineReasonInput');
const transfer = (direction: string) =>
  codeOf('startAftTransfer', {
    idempotencyKey: newId(),
    walletId: encodeGlobalId('Wallet', walletId),
    machineId,
    direction,
    amount: '50.00',
    currency: 'USD',
  });

const machineNow = async () =>
  (
    await floor.ask('query ($id: ID!) { machine(id: $id) { connection line { state } } }', {
      variables: { id: machineId },
    })
  ).data.machine;

const silent = (): readonly HeardSymbol[] => [];
/** Its last byte is of the CRC. */
const damaged = (answer: readonly HeardSymbol[]): readonly HeardSymbol[] => {
  const last = answer.at(-1);
  return answer.length > 3 && typeof last === 'number' ? [...answer.slice(0, -1), last ^ 0x5a] : answer;
};
/** The acknowledgement of a command is the address; with the highest bit it is the opposite. */
const refused = (answer: readonly HeardSymbol[]): readonly HeardSymbol[] =>
  answer.length === 1 && answer[0] === 0x01 ? [0x81] : answer;

test('a port that is away, a silent machine, a damaged line, a refusal, a lock that is wanted and a part that is not are told by codes of their own', async () => {
  const told: Record<string, string> = {};
  floor.disturb(damaged);
  told.damaged = await codeOf('pollMeters', { machineId });
  floor.disturb(refused);
  told.refused = await lock();
  floor.disturb(null);
  await floor.online();
  told.unlocked = await transfer('TO_MACHINE');
  // There is less on the machine, and a part of it is not wanted.
  told.partial = await transfer('FROM_MACHINE');
  floor.disturb(silent);
  await eventually(async () => (await machineNow()).connection === 'OFFLINE');
  told.silent = await lock();
  told.silentForMoney = await transfer('TO_MACHINE');
  floor.disturb(null);
  await floor.online();
  await floor.line.unplug();
  await eventually(async () => {
    const { connection, line } = await machineNow();
    return connection === 'OFFLINE' && line.state === 'DOWN';
  });
  told.away = await lock();
  told.awayForMoney = await transfer('TO_MACHINE');
  expect(told).toEqual({
    damaged: 'SAS_003',
    refused: 'SAS_004',
    unlocked: 'SAS_008',
    partial: 'SAS_006',
    silent: 'SAS_002',
    silentForMoney: 'SAS_002',
    away: 'SAS_001',
    awayForMoney: 'SAS_001',
  });
});
