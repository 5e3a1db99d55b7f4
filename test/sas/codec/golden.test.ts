import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasValidCrc } from '../../../src/sas/codec/crc.ts';
import { encodeEvent } from '../../../src/sas/codec/event-data.ts';
import { createReplyReader, generalPoll, type Reply } from '../../../src/sas/codec/frame.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import { SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { HANDPAY_INFORMATION } from '../../../src/sas/codec/long-polls/handpay.ts';
import { METERS_10_15 } from '../../../src/sas/codec/long-polls/meter-groups.ts';
import { EXTENDED_METERS, SELECTED_METERS } from '../../../src/sas/codec/long-polls/selected-meters.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  LONG_POLLS,
} from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { bytes, hexOf } from './hex.ts';

interface Golden {
  readonly name: string;
  readonly direction: 'host->egm' | 'egm->host';
  readonly hex: string;
  readonly length: number;
  readonly crc: 'ok' | null;
  readonly decoded: Readonly<Record<string, unknown>>;
}

const file = new URL('../golden.json', import.meta.url);
const FRAMES = (JSON.parse(readFileSync(file, 'utf8')) as { frames: readonly Golden[] }).frames;

const titled = (frames: readonly Golden[]): [string, Golden][] => frames.map((frame) => [frame.name, frame]);
const named = (name: string): Golden => {
  const frame = FRAMES.find((each) => each.name === name);
  if (frame === undefined) throw new Error(`no golden frame ${name}`);
  return frame;
};

const fromHost = FRAMES.filter((frame) => frame.direction === 'host->egm');
const covered = fromHost.filter(({ hex }) => LONG_POLLS.has(bytes(hex)[1] ?? -1));
const events = FRAMES.filter(({ hex, direction }) => direction === 'egm->host' && bytes(hex)[1] === 0xff);

function replyTo(request: Uint8Array, hex: string): Reply {
  const reader = createReplyReader(request);
  for (const byte of bytes(hex)) reader.push(byte);
  return reader.take();
}

/** The answer in a golden frame; checks that writing it again gives the same bytes. */
function answerIn<Q, A>(name: string, poll: LongPoll<Q, A>, request: Q): A {
  const { hex } = named(name);
  const reply = replyTo(encodeRequest(poll, 1, request), hex);
  if (reply.kind !== 'data') throw new Error(`${name} is read as ${reply.kind}`);
  const answer = decodeAnswer(poll, reply.body);
  expect(hexOf(encodeAnswer(poll, 1, answer))).toBe(hex);
  return answer;
}

describe('all golden frames', () => {
  test('are what this file expects: 90 frames, 35 covered requests, 26 events', () => {
    expect([FRAMES.length, covered.length, events.length]).toEqual([90, 35, 26]);
  });

  test.each(titled(FRAMES))('%s has its length and its CRC', (_, frame) => {
    expect(bytes(frame.hex).length).toBe(frame.length);
    if (frame.crc === 'ok') expect(hasValidCrc(bytes(frame.hex))).toBe(true);
    else expect(frame.length).toBeLessThan(3);
  });
});

describe('golden requests', () => {
  test.each(titled(fromHost))('%s ends at its last symbol', (_, frame) => {
    const reader = createRequestReader();
    const heard = messageSymbols(bytes(frame.hex)).map((symbol) => reader.push(symbol));
    const last = heard.at(-1);
    if (frame.length === 1) expect(last).toMatchObject({ kind: 'generalPoll', address: 1 });
    else expect(last).toMatchObject({ kind: 'longPoll', crcOk: true, frame: bytes(frame.hex) });
    expect(heard.slice(1, -1).every((message) => message === null)).toBe(true);
  });

  test.each(titled(covered))('%s is read and written back', (_, frame) => {
    const { address, poll, request } = decodeRequest(bytes(frame.hex));
    expect(hexOf(encodeRequest(poll, address, request))).toBe(frame.hex);
    if (frame.decoded.cmd !== undefined)
      expect(poll.code).toBe(Number.parseInt(String(frame.decoded.cmd), 16));
    if (frame.decoded.codes === undefined) return;
    const codes = (frame.decoded.codes as readonly string[]).map((code) => Number.parseInt(code, 16));
    expect(request).toEqual({ game: frame.decoded.game, codes });
  });
});

describe('golden answers', () => {
  test('0F reply', () => {
    expect(answerIn('0F reply', METERS_10_15, {})).toEqual({
      cancelledCredits: 0n,
      coinIn: 452040n,
      coinOut: 861480n,
      totalDrop: 413078n,
      jackpot: 634494n,
      gamesPlayed: 2062n,
    });
  });

  test('1B reply', () => {
    const answer = answerIn('1B reply, cancelled credit handpay 125.00', HANDPAY_INFORMATION, {});
    expect(answer).toEqual({ group: 0, level: 0x80, cents: 12500n, partialPay: 0n, resetId: 0 });
  });

  test.each(['2F reply, 9 mixed meters', '2F reply, second machine', '2F reply, game 5'])('%s', (name) => {
    const { decoded } = named(name);
    const answer = answerIn(name, SELECTED_METERS, { game: 0, codes: [] });
    expect(answer.game).toBe(decoded.game);
    const meters = Object.fromEntries(
      answer.meters.map(({ code, value }) => [
        code.toString(16).toUpperCase().padStart(2, '0'),
        Number(value),
      ]),
    );
    expect(meters).toEqual(decoded.meters);
  });

  test('6F reply incl. one unsupported meter', () => {
    const answer = answerIn('6F reply incl. one unsupported meter', EXTENDED_METERS, { game: 0, codes: [] });
    expect(answer).toEqual({
      game: 0,
      meters: [
        { code: 0x0000, size: 5, value: 452040n },
        { code: 0x0001, size: 0, value: null },
        { code: 0x00a0, size: 5, value: 12345n },
      ],
    });
  });

  test('one-byte and two-byte replies', () => {
    const set = encodeRequest(SHUTDOWN, 1, {});
    expect(replyTo(generalPoll(1), named('GP reply no activity').hex)).toMatchObject({
      kind: 'exception',
      code: 0,
    });
    expect(replyTo(set, named('busy').hex)).toEqual({ kind: 'busy' });
    expect(replyTo(set, named('NACK of a type S/M poll').hex)).toEqual({ kind: 'nack' });
  });

  test('21 signature as general-poll answer', () => {
    const reply = replyTo(generalPoll(1), named('21 signature as general-poll answer').hex);
    expect(reply).toEqual({ kind: 'signature', signature: 0xabcd });
  });
});

describe('golden events', () => {
  test.each(titled(events))('%s is read and written back, for any kind of poll', (_, { hex, decoded }) => {
    for (const request of [
      generalPoll(1),
      encodeRequest(METERS_10_15, 1, {}),
      encodeRequest(SHUTDOWN, 1, {}),
    ]) {
      const reply = replyTo(request, hex);
      if (reply.kind !== 'exception') throw new Error(`read as ${reply.kind}`);
      expect(reply.realTime).toBe(true);
      expect(reply.code).toBe(Number.parseInt(String(decoded.event), 16));
      expect(hexOf(encodeEvent(1, reply.code, reply.data))).toBe(hex);
    }
  });

  test.each([
    ['RTE 4F bill accepted', { kind: 'BILL_ACCEPTED', country: 37, denomination: 4, count: 37n }],
    [
      'RTE 7E game start',
      { kind: 'GAME_STARTED', wagered: 5n, coinIn: 452040n, wagerType: 0x41, progressiveGroup: 0 },
    ],
    ['RTE 7F game end', { kind: 'GAME_ENDED', win: 120n }],
    ['RTE 88 reel stopped', { kind: 'REEL_STOPPED', reel: 1, stop: 0x12 }],
    ['RTE event 88 without its data bytes (quirk)', null],
    ['RTE 89 credit wagered (no data)', null],
    ['RTE 8A game recall', { kind: 'GAME_RECALL', game: 1, entry: 3 }],
    ['RTE 8B card held', { kind: 'CARD_HELD', card: 0x82 }],
    ['RTE 8C game selected', { kind: 'GAME_SELECTED', game: 3 }],
    ['RTE 7C legacy bonus', { kind: 'LEGACY_BONUS', multiplier: 0, multipliedWin: 0n, tax: 0, bonus: 500n }],
  ])('%s carries its data', (name, data) => {
    expect(replyTo(generalPoll(1), named(name).hex)).toMatchObject({ kind: 'exception', data });
  });
});
