import { expect, test } from 'vitest';
import { type EventData, encodeEvent, eventFrameBytes } from '../../../src/sas/codec/event-data.ts';
import { EXCEPTIONS } from '../../../src/sas/codec/exceptions.ts';
import { createReplyReader, generalPoll } from '../../../src/sas/codec/frame.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { COIN_IN } from '../../../src/sas/codec/long-polls/single-meters.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { damaged } from './damaged.ts';
import {
  all,
  always,
  amount,
  byte,
  code,
  createRandom,
  type Gen,
  number,
  seedOf,
} from './generated/random.ts';
import { cut, mustBeSame } from './heard.ts';

const seed = seedOf(602);
const ROUNDS = 20;

const DATA: ReadonlyMap<number, Gen<EventData>> = new Map<number, Gen<EventData>>([
  [0x4f, all({ kind: always('BILL_ACCEPTED'), country: number(1), denomination: byte, count: amount(4) })],
  [
    0x7c,
    all({
      kind: always('LEGACY_BONUS'),
      multiplier: byte,
      multipliedWin: amount(4),
      tax: code('DEDUCTIBLE', 'NOT_DEDUCTIBLE', 'WAGER_MATCH'),
      bonus: amount(4),
    }),
  ],
  [
    0x7e,
    all({
      kind: always('GAME_STARTED'),
      wagered: amount(2),
      coinIn: amount(4),
      wagerType: byte,
      progressiveGroup: byte,
    }),
  ],
  [0x7f, all({ kind: always('GAME_ENDED'), win: amount(4) })],
  [0x88, all({ kind: always('REEL_STOPPED'), reel: byte, stop: byte })],
  [0x8a, all({ kind: always('GAME_RECALL'), game: number(2), entry: number(2) })],
  [0x8b, all({ kind: always('CARD_HELD'), card: byte })],
  [0x8c, all({ kind: always('GAME_SELECTED'), game: number(2) })],
]);

const ASKED = [
  generalPoll(1),
  encodeRequest(COIN_IN, 1, {}),
  encodeRequest(AFT_TRANSFER, 1, { code: 'CANCEL' }),
];

test('only the events of SAS.md 9.2 carry data, and are as long as it says', () => {
  const lengths = new Map([
    [0x4f, 11],
    [0x7c, 15],
    [0x7e, 13],
    [0x7f, 9],
    [0x88, 7],
    [0x8a, 9],
    [0x8b, 6],
    [0x8c, 7],
  ]);
  for (let event = 0; event < 256; event += 1) expect(eventFrameBytes(event)).toBe(lengths.get(event) ?? 5);
  expect([...lengths.keys()]).toEqual([...DATA.keys()]);
});

test.each([...EXCEPTIONS.values()].map(({ code: event, name }) => [name, event] as const))(
  '%s is read as it was written, however it comes in and whatever was asked',
  (_, event) => {
    const random = createRandom(seed);
    for (let round = 0; round < (DATA.has(event) ? ROUNDS : 1); round += 1) {
      const data = DATA.get(event)?.(random) ?? null;
      const frame = encodeEvent(1, event, data);
      const request = ASKED[random.below(ASKED.length)] ?? generalPoll(1);
      for (const symbols of cut(frame, 'MACHINE')) {
        const reader = createReplyReader(request);
        for (const symbol of symbols) reader.push(symbol);
        mustBeSame(reader.take(), { kind: 'exception', code: event, data, realTime: true }, { seed, frame });
      }
    }
  },
);

test.each([...DATA])('event %i that was damaged is no other event', (event, make) => {
  const random = createRandom(seed);
  const frame = encodeEvent(1, event, make(random));
  for (const request of ASKED) {
    const isTaken = (heard: Uint8Array): boolean => {
      const reader = createReplyReader(request);
      for (const each of heard) reader.push(each);
      return reader.surplus === 0 && !['damaged', 'silence'].includes(reader.take().kind);
    };
    expect(damaged(frame, seed).find(isTaken)).toBeUndefined();
  }
});
