import { expect, test } from 'vitest';
import { METERS, meterCode } from '../../src/sas/codec/meters.ts';
import type { Egm } from '../../src/sas/simulator/egm.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp({ machines: 3 });
await floor.online();

const BASIC = [
  'CURRENT_CREDITS',
  'COIN_IN',
  'COIN_OUT',
  'TOTAL_DROP',
  'JACKPOT',
  'CANCELLED_CREDITS',
  'GAMES_PLAYED',
  'GAMES_WON',
  'GAMES_LOST',
] as const;

interface Shown {
  readonly machine: { readonly id: string };
  readonly values: readonly {
    readonly code: string;
    readonly value: string;
    readonly delta: string | null;
  }[];
}

const METERS_OF_ALL = '{ meters(set: ALL) { machine { id } values { code value delta } } }';

const valuesOf = ({ values }: Shown) =>
  Object.fromEntries(values.map(({ code, value }) => [code, BigInt(value)]));

const truth = (egm: Egm) =>
  Object.fromEntries(BASIC.map((name) => [name, egm.meters().get(meterCode(name)) ?? 0n]));

async function shownEqualsTruth(): Promise<boolean> {
  const { data } = await floor.ask<{ meters: Shown[] }>(METERS_OF_ALL);
  return floor.egms.every((egm, at) => {
    const shown = data.meters.find(({ machine }) => machine.id === floor.machineIds[at]);
    const values = shown ? valuesOf(shown) : {};
    return Object.entries(truth(egm)).every(([name, value]) => values[name] === value);
  });
}

test('a subscriber sees each machine as it stands, then every change of it and of no other', async () => {
  const [egm] = floor.egms;
  egm?.insertBill(20n);
  await eventually(shownEqualsTruth);
  const frames = floor.follow<{ meters: Shown }>(
    'subscription { meters { machine { id } values { code value delta } } }',
  );
  const first = [await frames.next(), await frames.next(), await frames.next()];
  expect(new Set(first.map(({ meters }) => meters.machine.id))).toEqual(new Set(floor.machineIds));

  egm?.play({ wager: 5n, win: 30n });
  const { meters } = await frames.until(({ meters }) =>
    meters.values.some(({ code, delta }) => code === 'GAMES_PLAYED' && delta === '1'),
  );
  expect(meters.machine.id).toBe(floor.machineIds[0]);
  expect(valuesOf(meters)).toMatchObject(egm ? truth(egm) : {});
  const deltas = Object.fromEntries(meters.values.map(({ code, delta }) => [code, delta]));
  expect(deltas).toMatchObject({ COIN_IN: '5', COIN_OUT: '30', GAMES_WON: '1', GAMES_LOST: '0' });
  await frames.end();
});

test('meters print as money of the machine’s denomination, in the reader’s locale', async () => {
  const { data } = await floor.ask(`{ meters(codes: [CURRENT_CREDITS, GAMES_PLAYED]) {
    us: formattedDisplay { label text } de: formattedDisplay(locale: "de-DE") { label text } values { code money { amount } formatted } } }`);
  const [first] = data.meters;
  expect(first.us).toEqual([
    { label: 'Games played', text: '1' },
    { label: 'Current credits', text: '$20.25' },
  ]);
  expect(first.de[1].text).toBe('20,25\u00a0$');
  expect(first.values).toEqual([
    { code: 'GAMES_PLAYED', money: null, formatted: '1' },
    { code: 'CURRENT_CREDITS', money: { amount: '20.25' }, formatted: '$20.25' },
  ]);
});

test('a restart in the middle of play changes no meter by a cent that was not played', async () => {
  for (const egm of floor.egms) egm.insertBill(50n);
  const playing = { stop: false };
  const players = floor.egms.map(async (egm) => {
    for (let game = 0; !playing.stop; game += 1) {
      egm.startGame({ wager: 3n, win: game % 4 === 0 ? 9n : 0n });
      await new Promise((resolve) => setTimeout(resolve, 15));
      egm.endGame();
    }
  });
  for (let restarts = 0; restarts < 3; restarts += 1) {
    await floor.restart();
    await floor.online();
  }
  playing.stop = true;
  await Promise.all(players);
  await eventually(shownEqualsTruth);

  // The history of each counter sums to what was played, whatever was cut off in between.
  for (const [at, egm] of floor.egms.entries()) {
    const { data } = await floor.ask(
      `query ($id: ID!) { machine(id: $id) {
        meterHistory(codes: [COIN_IN, COIN_OUT, GAMES_PLAYED], interval: DAY) { code delta resets }
        events(types: [METER_RESET]) { totalCount } } }`,
      { variables: { id: floor.machineIds[at] } },
    );
    expect(data.machine.events.totalCount).toBe(0);
    for (const { code, delta } of data.machine.meterHistory) {
      const total = egm.meters().get(meterCode(code)) ?? 0n;
      const first = await firstValue(floor.machineIds[at] ?? '', code);
      expect([code, BigInt(delta)]).toEqual([code, total - first]);
    }
  }
});

async function firstValue(id: string, code: string): Promise<bigint> {
  const { data } = await floor.ask(
    `query ($id: ID!, $code: MeterCode!) { machine(id: $id) { meterHistory(codes: [$code], interval: READING) { value } } }`,
    { variables: { id, code } },
  );
  return BigInt(data.machine.meterHistory[0].value);
}

test('32 meters and more are all shown when asked for', async () => {
  const { data } = await floor.ask<{ meters: Shown[] }>(METERS_OF_ALL);
  const codes = new Set(data.meters[0]?.values.map(({ code }) => code));
  for (const name of BASIC) expect(codes).toContain(name);
  expect([...codes].every((code) => [...METERS.values()].some(({ name }) => name === code))).toBe(true);
});
