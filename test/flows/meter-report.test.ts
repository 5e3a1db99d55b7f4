import { expect, test } from 'vitest';
import { meterCode } from '../../src/sas/codec/meters.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 2 });
await floor.online();
const [first] = floor.egms;
const [firstId = '', secondId = ''] = floor.machineIds;
const WAIT = { deadlineMs: 60_000 };

const REPORT = `query ($from: DateTime!, $to: DateTime, $ids: [ID!]) {
  meterReport(from: $from, to: $to, machineIds: $ids, codes: [COIN_IN, COIN_OUT, GAMES_PLAYED]) {
    from to machines { machine { id } missing { from to }
      movements { code unit opening closing delta deltaMoney { amount } resets isComplete } } } }`;
const report = async (variables: Record<string, unknown>) =>
  (await floor.ask(REPORT, { variables })).data.meterReport;
const recorded = async (code: string) =>
  (await floor.ask(`{ meters(machineIds: ["${firstId}"], codes: [${code}]) { values { value } } }`)).data
    .meters[0]?.values[0]?.value;
const counted = (name: 'COIN_IN' | 'COIN_OUT' | 'GAMES_PLAYED') => first?.meters().get(meterCode(name)) ?? 0n;

test('a report says of each machine what its own counters moved', async () => {
  await eventually(async () => (await recorded('GAMES_PLAYED')) === String(counted('GAMES_PLAYED')), WAIT);
  await eventually(async () => (await floor.ask('{ meters { version } }')).data.meters.length === 2, WAIT);
  const from = new Date();
  const before = { in: counted('COIN_IN'), out: counted('COIN_OUT'), games: counted('GAMES_PLAYED') };
  first?.insertBill(20n);
  for (let game = 0; game < 7; game += 1) first?.play({ wager: 3n, win: game % 2 === 0 ? 5n : 0n });
  await eventually(async () => (await recorded('GAMES_PLAYED')) === String(counted('GAMES_PLAYED')), WAIT);

  const { machines } = await report({ from });
  const of = (id: string) => machines.find(({ machine }: { machine: { id: string } }) => machine.id === id);
  const moved = Object.fromEntries(
    of(firstId).movements.map(({ code, delta }: { code: string; delta: string }) => [code, delta]),
  );
  expect(moved).toEqual({
    COIN_IN: String(counted('COIN_IN') - before.in),
    COIN_OUT: String(counted('COIN_OUT') - before.out),
    GAMES_PLAYED: String(counted('GAMES_PLAYED') - before.games),
  });
  expect(moved.GAMES_PLAYED).toBe('7');
  expect(of(firstId).movements.every(({ isComplete }: { isComplete: boolean }) => isComplete)).toBe(true);
  const money = of(firstId).movements.find(({ code }: { code: string }) => code === 'COIN_IN').deltaMoney;
  expect(money.amount).toBe('0.21');
  expect(of(firstId).missing).toEqual([]);
  expect(of(secondId).movements.map(({ delta }: { delta: string }) => delta)).toEqual(['0', '0', '0']);
});

test.each(transportsTo(floor).transports)(
  'over %s, a span the wrong way round is refused',
  async (_, ask) => {
    const { data, errors } = await ask(
      '{ meterReport(from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z") { from } }',
      { token: await floor.token('AUDITOR') },
    );
    expect(data.meterReport).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('API_001');
  },
);

test('what a machine says it is and can do is shown', async () => {
  const { data } = await eventually(async () => {
    const answer = await floor.ask(
      '{ machines { nodes { id maxBet numberOfGames additionalId capabilities { aft validationStyle fastPolling ticketRedemption extendedMeters } } } }',
    );
    return answer.data.machines.nodes[0].capabilities && answer;
  }, WAIT);
  const settings = first?.settings;
  expect(data.machines.nodes[0]).toEqual({
    id: firstId,
    maxBet: settings?.maxBet,
    numberOfGames: 0,
    additionalId: settings?.additionalId,
    capabilities: {
      aft: settings?.features.aft,
      validationStyle: settings?.features.validationStyle,
      fastPolling: settings?.features.fastPolling,
      ticketRedemption: settings?.features.ticketRedemption,
      extendedMeters: settings?.features.extendedMeters,
    },
  });
});
