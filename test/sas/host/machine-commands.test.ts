import { expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { ENABLE_GAME, GAME_HAND_PAID_CREDITS, GAME_METERS } from '../../../src/sas/codec/long-polls/games.ts';
import { HANDPAY_RESET_METHOD, RESET_HANDPAY } from '../../../src/sas/codec/long-polls/handpay.ts';
import { FEATURES } from '../../../src/sas/codec/long-polls/identity.ts';
import { MULTI_DENOMINATION } from '../../../src/sas/codec/long-polls/multi-denomination.ts';
import {
  EXTENDED_METERS,
  EXTENDED_METERS_TWIN,
  SELECTED_METERS,
} from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { resetHandpay, setGameEnabled } from '../../../src/sas/host/machine-commands.ts';
import { answering, aScriptedFloor, type ScriptedFloor } from './scripted-floor.ts';

const COIN_IN = meterCode('COIN_IN');
const GAMES_PLAYED = meterCode('GAMES_PLAYED');
const HAND_PAID = meterCode('HAND_PAID_CANCELLED_CREDITS');

async function aFloor(features = NO_FEATURES): Promise<ScriptedFloor> {
  const floor = await aScriptedFloor();
  answering(floor.machine(1), FEATURES, { game: 0, features });
  for (const poll of [EXTENDED_METERS, EXTENDED_METERS_TWIN])
    answering(floor.machine(1), poll, { game: 0, meters: [] });
  await floor.clock.advance(10_000);
  floor.sent();
  return floor;
}

async function done<T>(floor: ScriptedFloor, promise: Promise<T>): Promise<T> {
  await floor.clock.advance(5_000);
  return await promise;
}

test('a handpay is reset by 94 alone', async () => {
  await using floor = await aFloor();
  answering(floor.machine(1), RESET_HANDPAY, { result: 'RESET' });
  expect(await done(floor, resetHandpay(floor.host, 1, 'STANDARD'))).toMatchObject({
    outcome: 'DATA',
    answer: { result: 'RESET' },
  });
  expect(floor.sent().filter((message) => /^01 (A8|94)/.test(message))).toEqual([
    expect.stringMatching(/^01 94/),
  ]);
});

test('a jackpot that goes to the credit meter is agreed first, and that is acknowledged before the reset', async () => {
  await using floor = await aFloor();
  answering(floor.machine(1), HANDPAY_RESET_METHOD, { result: 'OK' });
  answering(floor.machine(1), RESET_HANDPAY, { result: 'RESET' });
  expect(await done(floor, resetHandpay(floor.host, 1, 'CREDIT_METER'))).toMatchObject({
    answer: { result: 'RESET' },
  });
  const sent = floor.sent('ALL');
  const agreed = sent.findIndex((message) => message.startsWith('01 A8 01'));
  const reset = sent.findIndex((message) => message.startsWith('01 94'));
  expect(agreed).toBeGreaterThanOrEqual(0);
  expect(reset).toBeGreaterThan(agreed);
  expect(sent[reset - 1]).toBe('80');
});

test.each([
  ['UNABLE', 'UNABLE'],
  ['NO_HANDPAY', 'NO_HANDPAY'],
] as const)('a machine that says %s to the credit meter is not reset', async (result, told) => {
  await using floor = await aFloor();
  answering(floor.machine(1), HANDPAY_RESET_METHOD, { result });
  expect(await done(floor, resetHandpay(floor.host, 1, 'CREDIT_METER'))).toMatchObject({
    outcome: 'DATA',
    answer: { result: told },
  });
  expect(floor.sent().some((message) => message.startsWith('01 94'))).toBe(false);
});

test('a machine that does not know the method is not reset either', async () => {
  await using floor = await aFloor();
  expect(await done(floor, resetHandpay(floor.host, 1, 'CREDIT_METER'))).toMatchObject({ outcome: 'SILENT' });
  expect(floor.sent().some((message) => message.startsWith('01 94'))).toBe(false);
});

test('a game is switched off and on', async () => {
  await using floor = await aFloor();
  floor.machine(1).answers.set(ENABLE_GAME.code, () => [0x01]);
  const off = setGameEnabled(floor.host, 1, { game: 2, enabled: false });
  expect(await done(floor, off)).toMatchObject({ outcome: 'ACK' });
  expect(floor.sent()).toContainEqual(expect.stringMatching(/^01 09 00 02 00/));
});

test('a game is switched in one denomination behind B0', async () => {
  await using floor = await aFloor();
  const request = { game: 2, enabled: true, denomination: 4 };
  const accepted = { denomination: 4, base: 'ENABLE_GAME', accepted: true, address: 1 } as const;
  answering(floor.machine(1), MULTI_DENOMINATION, accepted);
  expect(await done(floor, setGameEnabled(floor.host, 1, request))).toMatchObject({ outcome: 'ACK' });
  expect(floor.sent()).toContainEqual(expect.stringMatching(/^01 B0 05 04 09 00 02 01/));

  answering(floor.machine(1), MULTI_DENOMINATION, { ...accepted, accepted: false });
  expect(await done(floor, setGameEnabled(floor.host, 1, request))).toMatchObject({ outcome: 'NACK' });
  const wrong = { denomination: 4, base: 'ERROR', error: 'NOT_A_PLAYER_DENOMINATION' } as const;
  answering(floor.machine(1), MULTI_DENOMINATION, wrong);
  expect(await done(floor, setGameEnabled(floor.host, 1, request))).toMatchObject({ outcome: 'NACK' });
});

test('meters of a game are read by 6F and AF in turn, ten at a time', async () => {
  await using floor = await aFloor({ ...NO_FEATURES, extendedMeters: true });
  const codes = Array.from({ length: 12 }, (_, at) => at);
  for (const poll of [EXTENDED_METERS, EXTENDED_METERS_TWIN]) {
    answering(floor.machine(1), poll, {
      game: 3,
      meters: codes.map((code) => ({
        code,
        size: code === 7 ? 0 : 4,
        value: code === 7 ? null : BigInt(code),
      })),
    });
  }
  const read = await done(floor, floor.host.readGameMeters(1, { game: 3, codes }));
  expect(read?.get(COIN_IN)).toEqual({ value: 0n, bcdBytes: 4 });
  expect(read?.has(7)).toBe(false);
  expect(read?.size).toBe(11);
  const asked = floor.sent().filter((message) => /^01 (6F|AF) .. 00 03/.test(message));
  expect(new Set(asked.map((message) => message.slice(3, 5)))).toEqual(new Set(['6F', 'AF']));
});

test('a machine that knows neither 6F nor 2F tells of a game what 52 and 2D have', async () => {
  await using floor = await aFloor();
  floor.machine(1).answers.delete(SELECTED_METERS.code);
  answering(floor.machine(1), GAME_METERS, {
    game: 1,
    coinIn: 500n,
    coinOut: 1n,
    jackpot: 2n,
    gamesPlayed: 7n,
  });
  answering(floor.machine(1), GAME_HAND_PAID_CREDITS, { game: 1, value: 90n });
  floor.machine(1).isSilent = true;
  await floor.clock.advance(10_000);
  floor.machine(1).isSilent = false;
  await floor.clock.advance(30_000);
  const reading = floor.host.readGameMeters(1, { game: 1, codes: [COIN_IN, GAMES_PLAYED, HAND_PAID] });
  const read = await done(floor, reading);
  expect([...(read ?? [])].map(([code, { value }]) => [code, value])).toEqual([
    [COIN_IN, 500n],
    [GAMES_PLAYED, 7n],
    [HAND_PAID, 90n],
  ]);
});

test('meters of a game in one denomination are read behind B0', async () => {
  await using floor = await aFloor({ ...NO_FEATURES, extendedMeters: true, multiDenomination: true });
  answering(floor.machine(1), MULTI_DENOMINATION, {
    denomination: 4,
    base: 'EXTENDED_METERS',
    answer: { game: 1, meters: [{ code: COIN_IN, size: 5, value: 321n }] },
  });
  const reading = floor.host.readGameMeters(1, { game: 1, codes: [COIN_IN], denomination: 4 });
  expect((await done(floor, reading))?.get(COIN_IN)).toEqual({ value: 321n, bcdBytes: 5 });
  expect(floor.sent()).toContainEqual(expect.stringMatching(/^01 B0 07 04 6F 04 00 01 00 00/));
});

test('nothing is read of a machine that is away, goes away, or knows none of it', async () => {
  await using floor = await aFloor();
  expect(await floor.host.readGameMeters(9, { game: 1, codes: [COIN_IN] })).toBeNull();
  const behind = floor.host.readGameMeters(1, { game: 1, codes: [COIN_IN], denomination: 4 });
  expect(await done(floor, behind)).toBeNull();
  const reading = floor.host.readGameMeters(1, { game: 1, codes: [COIN_IN] });
  floor.unplug();
  expect(await done(floor, reading)).toBeNull();
});
