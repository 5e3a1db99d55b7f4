import { expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import { aFloor, type Floor } from './floor.ts';

const FAST: readonly MeterName[] = [
  'CURRENT_CREDITS',
  'COIN_IN',
  'COIN_OUT',
  'TOTAL_DROP',
  'JACKPOT',
  'CANCELLED_CREDITS',
  'GAMES_PLAYED',
  'GAMES_WON',
  'GAMES_LOST',
];

function play(floor: Floor): void {
  const egm = floor.egm(1);
  egm.insertBill(100n);
  egm.play({ wager: 10n, win: 0n });
  egm.play({ wager: 10n, win: 25n });
}

function expectMeters(floor: Floor, names: readonly MeterName[]): void {
  for (const name of names) {
    expect(floor.meter(1, meterCode(name)), name).toBe(floor.egm(1).meters().get(meterCode(name)));
  }
}

const BILLS: readonly MeterName[] = ['BILLS_ACCEPTED_1', 'BILLS_ACCEPTED_20', 'BILLS_ACCEPTED_100'];

const plain = { features: NO_FEATURES };

test.each([
  ['6F and AF', { address: 1 }, [...FAST, 'BILLS_ACCEPTED_CREDITS', ...BILLS]],
  [
    '6F alone',
    { address: 1, unsupportedPolls: new Set([0xaf]) },
    [...FAST, 'BILLS_ACCEPTED_CREDITS', ...BILLS],
  ],
  ['2F', { address: 1, settings: plain }, [...FAST, 'BILLS_ACCEPTED_CREDITS', ...BILLS]],
  [
    '2F where 6F is promised but not known',
    { address: 1, unsupportedPolls: new Set([0x6f, 0xaf]) },
    [...FAST, 'BILLS_ACCEPTED_CREDITS', ...BILLS],
  ],
  [
    'the fixed groups',
    { address: 1, settings: plain, unsupportedPolls: new Set([0x2f]) },
    [...FAST, ...BILLS],
  ],
  [
    '0F and single meters',
    { address: 1, settings: plain, unsupportedPolls: new Set([0x2f, 0x1c, 0x1e]) },
    FAST,
  ],
] as const)('a machine is read by %s', async (_, machine, names) => {
  await using floor = await aFloor({ machines: [machine] });
  await floor.clock.advance(20_000);
  play(floor);
  await floor.clock.advance(20_000);
  expectMeters(floor, names);
  expect(floor.meter(1, meterCode('GAMES_WON'))).toBe(1n);
});

test('a game is on the meters within half a second of its end', async () => {
  await using floor = await aFloor({
    machines: [{ address: 1 }, { address: 2 }, { address: 3 }, { address: 4 }],
  });
  await floor.clock.advance(8_000);
  floor.egm(1).insertBill(100n);
  await floor.clock.advance(3_000);
  for (let game = 0; game < 20; game += 1) {
    await floor.clock.advance(137);
    floor.egm(1).play({ wager: 10n, win: BigInt(game) });
    await floor.clock.advance(500);
    expectMeters(floor, ['CURRENT_CREDITS', 'COIN_IN', 'COIN_OUT', 'GAMES_PLAYED']);
  }
});

test('the meters of one game come from one poll: no report mixes two moments', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(8_000);
  floor.egm(1).insertBill(100n);
  for (let game = 0; game < 40; game += 1) {
    floor.egm(1).play({ wager: 10n, win: 3n });
    await floor.clock.advance(61);
  }
  const value = (values: ReadonlyMap<number, { value: bigint }>, name: MeterName) =>
    values.get(meterCode(name))?.value ?? 0n;
  const read = floor.reports.flatMap((made) => (made.kind === 'meters' ? [made.values] : []));
  expect(read.length).toBeGreaterThan(10);
  for (const values of read) {
    const balance =
      value(values, 'BILLS_ACCEPTED_CREDITS') - value(values, 'COIN_IN') + value(values, 'COIN_OUT');
    expect(value(values, 'CURRENT_CREDITS')).toBe(balance);
  }
});

test('6F and AF take turns', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(30_000);
  const codes = floor.transcript.flatMap((line) => /^> 01 (6F|AF)/.exec(line)?.[1] ?? []);
  expect(codes.length).toBeGreaterThan(8);
  for (const [at, code] of codes.entries()) if (at > 0) expect(code).not.toBe(codes[at - 1]);
});

test('the same 6F twice has another poll between', async () => {
  await using floor = await aFloor({ machines: [{ address: 1, unsupportedPolls: new Set([0xaf]) }] });
  await floor.clock.advance(30_000);
  const said = floor.transcript.filter((line) => line.startsWith('>'));
  const reads = said.flatMap((line, at) => (line.startsWith('> 01 6F') ? [said[at - 1]] : []));
  expect(reads.length).toBeGreaterThan(8);
  for (const before of reads) expect(before).not.toMatch(/^> 01 6F/);
});

test('all meters are read every five seconds without any exception', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(10_000);
  const before = floor.reports.length;
  await floor.clock.advance(20_000);
  const fresh = floor.reports.slice(before);
  expect(fresh.map((made) => made.kind)).toEqual(['meters', 'meters', 'meters', 'meters']);
  for (const made of fresh) if (made.kind === 'meters') expect(made.values.size).toBe(20);
});

test('meters that are asked for are read next and reported before the answer', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(10_000);
  const before = floor.reports.length;
  let outcome: string | undefined;
  void floor.host.readMeters(1).then((read) => {
    outcome = read;
    expect(floor.reports.slice(before).map((made) => made.kind)).toContain('meters');
  });
  await floor.clock.advance(130);
  expect(outcome).toBe('READ');
});

test('reads that are asked for all the time still end', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(10_000);
  const outcomes: string[] = [];
  const before = floor.reports.length;
  for (let ms = 0; ms < 2_000; ms += 10) {
    void floor.host.readMeters(1).then((read) => outcomes.push(read));
    await floor.clock.advance(10);
  }
  expect(floor.reports.length - before).toBeGreaterThan(15);
  await floor.clock.advance(1_000);
  expect(outcomes).toHaveLength(200);
  expect(new Set(outcomes)).toEqual(new Set(['READ']));
});

test('meters that could not be reported are false, and do not hold up the line', async () => {
  let isAway = false;
  await using floor = await aFloor({
    report: async (made) => {
      if (isAway && made.kind === 'meters') throw new Error('the database is away');
    },
  });
  await floor.clock.advance(10_000);
  isAway = true;
  const polls = floor.host.statistics().polls;
  let outcome: string | undefined;
  void floor.host.readMeters(1).then((read) => {
    outcome = read;
  });
  await floor.clock.advance(2_000);
  expect(outcome).toBe('OFFLINE');
  expect(floor.host.statistics().polls - polls).toBeGreaterThan(40);
  isAway = false;
  await floor.clock.advance(6_000);
  expect(floor.latest('meters', 1)?.at.getTime()).toBeGreaterThan(floor.clock.date().getTime() - 6_000);
});

test('a consumer that is slow gets the newest meters, not all of them', async () => {
  const resolvers: (() => void)[] = [];
  let isSlow = false;
  await using floor = await aFloor({
    report: (made) =>
      isSlow && made.kind === 'meters'
        ? new Promise((resolve) => resolvers.push(resolve))
        : Promise.resolve(),
  });
  await floor.clock.advance(10_000);
  floor.egm(1).insertBill(100n);
  await floor.clock.advance(2_000);
  isSlow = true;
  for (let game = 1; game <= 10; game += 1) {
    void floor.host.readMeters(1);
    await floor.clock.advance(300);
    floor.egm(1).play({ wager: 1n, win: 0n });
  }
  expect(resolvers).toHaveLength(1);
  // Its exceptions do not wait for that.
  expect(floor.exceptions(1).filter((code) => code === 0x7f)).toHaveLength(9);
  isSlow = false;
  resolvers[0]?.();
  await floor.clock.advance(10_000);
  expectMeters(floor, ['CURRENT_CREDITS', 'GAMES_PLAYED']);
});

test('a meter a machine sends as nonsense is left out', async () => {
  const nonsense = [...withCrc(Uint8Array.of(0x01, 0x1a, 0x00, 0x0a, 0x00, 0x00))];
  await using floor = await aFloor({
    machines: [{ address: 1, settings: plain, unsupportedPolls: new Set([0x2f]) }],
    faultsToHost: (message, deliver) => deliver(message[1] === 0x1a ? nonsense : message),
  });
  await floor.clock.advance(15_000);
  const values = floor.latest('meters', 1)?.values;
  expect(values?.has(meterCode('COIN_IN'))).toBe(true);
  expect(values?.has(meterCode('CURRENT_CREDITS'))).toBe(false);
});

test('options the operator changed are read anew', async () => {
  await using floor = await aFloor();
  await floor.clock.advance(5_000);
  const before = floor.reports.filter((made) => made.kind === 'identity').length;
  floor.egm(1).raise(0x3c);
  await floor.clock.advance(5_000);
  expect(floor.reports.filter((made) => made.kind === 'identity')).toHaveLength(before + 1);
});
