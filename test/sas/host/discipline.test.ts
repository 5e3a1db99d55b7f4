import { expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { AFT_LOCK } from '../../../src/sas/codec/long-polls/aft-lock.ts';
import { ROM_SIGNATURE } from '../../../src/sas/codec/long-polls/authentication.ts';
import {
  CURRENT_DENOMINATION,
  ENABLED_DENOMINATIONS,
  TOKEN_DENOMINATION,
} from '../../../src/sas/codec/long-polls/denominations.ts';
import {
  ENABLED_GAMES,
  GAME_CONFIGURATION,
  GAME_INFORMATION,
} from '../../../src/sas/codec/long-polls/games.ts';
import { FEATURES, NUMBER_OF_GAMES } from '../../../src/sas/codec/long-polls/identity.ts';
import { VALIDATION_METERS } from '../../../src/sas/codec/long-polls/validation.ts';
import { encodeAnswer } from '../../../src/sas/codec/poll-table.ts';
import { encodeSignature } from '../../../src/sas/codec/rom-signature.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import {
  answering,
  aScriptedFloor,
  frame,
  ID,
  type ScriptedFloor,
  type ScriptedFloorOptions,
} from './scripted-floor.ts';

async function anOnlineFloor(options: ScriptedFloorOptions = {}): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor(options);
  await floor.clock.advance(10_000);
  floor.sent();
  return floor;
}

test('a ROM signature comes later, in place of an exception, and is told with the seed it began with', async () => {
  await using floor = await anOnlineFloor();
  floor.machine(1).answers.set(ROM_SIGNATURE.code, () => [0x01]);
  const started = floor.host.startRomSignature(1, 0x1234);
  await floor.clock.advance(1_000);
  expect(await started).toMatchObject({ outcome: 'ACK' });
  expect(floor.sent()).toContainEqual(expect.stringMatching(/^01 21 34 12 /));
  floor.machine(1).exceptions.push([...encodeSignature(1, 0xbeef)]);
  await floor.clock.advance(1_000);
  expect(floor.of('signature')).toMatchObject([{ address: 1, signature: 0xbeef, seed: 0x1234 }]);
  expect(floor.of('exception')).toEqual([]);
});

test('a ROM signature is acknowledged only once it is stored', async () => {
  let isAway = true;
  const report = async (made: HostReport) => {
    if (isAway && made.kind === 'signature') throw new Error('the database is away');
  };
  await using floor = await anOnlineFloor({ report, machines: [1, 2] });
  floor.machine(1).exceptions.push([...encodeSignature(1, 7)]);
  while (floor.machine(1).exceptions.length > 0 && floor.clock.nowMs() < 14_000)
    await floor.clock.advance(100);
  expect(new Set(floor.sent('ALL').slice(-3))).toEqual(new Set(['81']));
  isAway = false;
  await floor.clock.advance(6_000);
  expect(floor.of('signature')).toMatchObject([{ signature: 7, seed: null }]);
  expect(floor.machine(1).exceptions).toEqual([]);
});

test('a signature in place of an answer is told, and the poll is asked again behind a general poll', async () => {
  await using floor = await anOnlineFloor();
  let asked = 0;
  floor.machine(1).answers.set(ROM_SIGNATURE.code, () => {
    asked += 1;
    return asked === 1 ? [...encodeSignature(1, 9)] : [0x01];
  });
  const result = floor.host.execute(1, ROM_SIGNATURE, { seed: 0 });
  await floor.clock.advance(2_000);
  expect(await result).toMatchObject({ outcome: 'ACK' });
  expect(floor.of('signature')).toMatchObject([{ signature: 9 }]);
  const sent = floor.sent();
  const first = sent.findIndex((message) => message.startsWith('01 21'));
  expect(sent.slice(first, first + 3)).toEqual([sent[first], '81', sent[first]]);
});

test('an event in place of the answer to a command does not use up its tries', async () => {
  await using floor = await anOnlineFloor();
  let asked = 0;
  floor.machine(1).answers.set(ROM_SIGNATURE.code, () => {
    asked += 1;
    return asked <= 5 ? frame(0x01, 0xff, 0x10 + asked) : [0x01];
  });
  const result = floor.host.execute(1, ROM_SIGNATURE, { seed: 0 });
  await floor.clock.advance(6_000);
  expect(await result).toMatchObject({ outcome: 'ACK', attempts: 1 });
  expect(floor.of('exception').map(({ code }) => code)).toEqual([0x11, 0x12, 0x13, 0x14, 0x15]);
});

test('two polls 50 about different types have a general poll between them', async () => {
  await using floor = await anOnlineFloor();
  floor
    .machine(1)
    .answers.set(VALIDATION_METERS.code, () => [
      ...encodeAnswer(VALIDATION_METERS, 1, { type: 'CASHABLE_TICKET', count: 1n, cents: 1n }),
    ]);
  const read = [
    floor.host.execute(1, VALIDATION_METERS, { type: 'CASHABLE_TICKET' }),
    floor.host.execute(1, VALIDATION_METERS, { type: 'RESTRICTED_TICKET' }),
  ];
  await floor.clock.advance(2_000);
  expect((await Promise.all(read)).map(({ outcome }) => outcome)).toEqual(['DATA', 'DATA']);
  const sent = floor.sent();
  const first = sent.findIndex((message) => message.startsWith('01 50'));
  expect(sent[first + 1]).toBe('81');
  expect(sent[first + 2]).toMatch(/^01 50 01/);
});

test('no poll follows its like but to have it said again, whatever is asked', async () => {
  await using floor = await anOnlineFloor({ machines: [1] });
  const many = Array.from({ length: 20 }, () => floor.host.readMeters(1));
  floor.machine(1).answers.set(0x01, () => [0x01]);
  await floor.clock.advance(20_000);
  await Promise.all(many);
  const sent = floor.sent('ALL');
  for (const [at, message] of sent.entries()) if (at > 0) expect(message).not.toBe(sent[at - 1]);
  expect(floor.host.statistics().retries).toBe(0);
});

test('a line on which everybody falls silent is broken, and whole when somebody answers again', async () => {
  await using floor = await anOnlineFloor({ machines: [1, 2] });
  floor.machine(1).isSilent = true;
  await floor.clock.advance(10_000);
  expect(floor.of('loop')).toEqual([]);
  floor.machine(2).isSilent = true;
  await floor.clock.advance(10_000);
  expect(floor.of('loop').map(({ state }) => state)).toEqual(['BROKEN']);
  expect(floor.host.statistics().loopBreaks).toBe(1);
  expect(floor.of('link').filter(({ state }) => state === 'OFFLINE')).toMatchObject([
    { address: 1, cause: 'SILENT' },
    { address: 2, cause: 'SILENT' },
  ]);
  floor.sent();
  floor.machine(1).isSilent = false;
  await floor.clock.advance(10_000);
  expect(floor.of('loop').map(({ state }) => state)).toEqual(['BROKEN', 'WHOLE']);
  // A machine that lost the line waits for a poll to somebody else.
  expect(floor.sent('ALL')).toContain('80');
});

test('a line on which nobody ever answered is not broken', async () => {
  await using floor = await aScriptedFloor({ machines: [1] });
  floor.machine(1).isSilent = true;
  await floor.clock.advance(30_000);
  expect(floor.of('loop')).toEqual([]);
});

test('a line that is closed is down, not broken', async () => {
  await using floor = await anOnlineFloor();
  floor.unplug();
  await floor.clock.advance(50);
  expect(floor.of('loop')).toEqual([]);
  expect(floor.of('link').at(-1)).toMatchObject({ state: 'OFFLINE', cause: 'LINE_DOWN' });
});

const RICH = { ...NO_FEATURES, multiDenomination: true, aft: true };
const NO_MONEY = {
  lockStatus: 'NOT_LOCKED',
  available: [],
  hostCashOut: [],
  capabilities: [],
  maxBufferIndex: 0,
  cashable: 0n,
  restricted: 0n,
  nonrestricted: 0n,
  transferLimit: 0n,
  restrictedExpiration: { kind: 'NONE' },
  pool: 0,
} as const;

async function aRichFloor(): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor();
  const machine = floor.machine(1);
  answering(machine, FEATURES, { game: 0, features: RICH });
  answering(machine, NUMBER_OF_GAMES, { games: 2 });
  answering(machine, ENABLED_GAMES, { games: [2] });
  answering(machine, CURRENT_DENOMINATION, { denomination: 4 });
  answering(machine, ENABLED_DENOMINATIONS, { denominations: [1, 4] });
  answering(machine, TOKEN_DENOMINATION, { denomination: 6 });
  answering(machine, AFT_LOCK, { assetNumber: 4711, ...NO_MONEY });
  machine.answers.set(GAME_CONFIGURATION.code, (message) => {
    const game = Number(message.slice(9, 11));
    return [...encodeAnswer(GAME_CONFIGURATION, 1, { game, ...ID, paytableId: `PT000${game}` })];
  });
  await floor.clock.advance(20_000);
  return floor;
}

test('a machine says what it deals in: games, denominations and asset number', async () => {
  await using floor = await aRichFloor();
  expect(floor.of('identity').at(-1)?.identity).toMatchObject({
    numberOfGames: 2,
    enabledGames: [2],
    currentDenomination: 4,
    enabledDenominations: [1, 4],
    tokenDenomination: 6,
    assetNumber: 4711,
  });
});

test('every game of a machine is told, with what the machine knows of it', async () => {
  await using floor = await aRichFloor();
  expect(floor.of('games')).toMatchObject([
    {
      address: 1,
      games: [
        { game: 1, paytableId: 'PT0001', name: null },
        { game: 2, paytableId: 'PT0002', name: null },
      ],
    },
  ]);
  // B5 is not known to this machine: asked of the first game, and of no other.
  const asked = floor.sent().filter((message) => message.startsWith('01 B5'));
  expect(asked).toHaveLength(3);
  expect(new Set(asked).size).toBe(1);
});

test('a machine that knows B5 tells the names of its games', async () => {
  await using floor = await aRichFloor();
  floor.machine(1).isSilent = true;
  await floor.clock.advance(10_000);
  floor.machine(1).isSilent = false;
  answering(floor.machine(1), GAME_INFORMATION, {
    game: 1,
    maxBet: 5,
    progressiveGroup: 0,
    progressiveLevels: 0,
    name: 'Lucky Floor',
    paytable: 'A',
    wagerCategories: 0,
  });
  await floor.clock.advance(30_000);
  expect(floor.of('games').at(-1)?.games[0]).toMatchObject({ name: 'Lucky Floor' });
});

test.each([0x3c, 0xa2])('exception %d has everything read again', async (code) => {
  await using floor = await aRichFloor();
  answering(floor.machine(1), ENABLED_GAMES, { games: [1, 2] });
  floor.sent();
  floor.machine(1).exceptions.push(code);
  await floor.clock.advance(20_000);
  const sent = floor.sent();
  for (const poll of ['01 1F', '01 54', '01 56', '01 B1', '01 B2', '01 B3']) expect(sent).toContain(poll);
  expect(sent.some((message) => message.startsWith('01 A0'))).toBe(true);
  expect(sent.some((message) => message.startsWith('01 53'))).toBe(true);
  expect(floor.of('identity').at(-1)?.identity.enabledGames).toEqual([1, 2]);
  expect(floor.of('games')).toHaveLength(2);
});
