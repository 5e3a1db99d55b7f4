import * as authentication from '../../../../src/sas/codec/long-polls/authentication.ts';
import * as detail from '../../../../src/sas/codec/long-polls/game-detail.ts';
import * as legacy from '../../../../src/sas/codec/long-polls/legacy.ts';
import { MULTI_DENOMINATION } from '../../../../src/sas/codec/long-polls/multi-denomination.ts';
import { answer, request, type Sample } from './sample.ts';

const NINE_ZEROS = '00 00 00 00 00 00 00 00 00';

export const OTHER_REQUESTS: readonly Sample[] = [
  request(authentication.ROM_SIGNATURE, '01 21 34 12', { seed: 0x1234 }),
  request(authentication.AUTHENTICATE_COMPONENT, '01 6E 03 01 00 05', {
    action: 'READ',
    data: Uint8Array.of(0, 5),
  }),
  request(detail.CARDS, '01 8E', {}),
  request(detail.REEL_STOPS, '01 8F', {}),
  request(legacy.LEGACY_PROMOTIONAL_METERS, '01 1D', {}),
  request(legacy.LEGACY_TRANSFERS, '01 28', {}),
  request(MULTI_DENOMINATION, '01 B0 05 04 09 00 01 01', {
    denomination: 4,
    base: 'ENABLE_GAME',
    request: { game: 1, enabled: true },
  }),
  request(MULTI_DENOMINATION, '01 B0 02 00 11', { denomination: 0, base: 'COIN_IN', request: {} }),
  request(MULTI_DENOMINATION, '01 B0 07 04 2F 04 00 01 00 A0', {
    denomination: 4,
    base: 'SELECTED_METERS',
    request: { game: 1, codes: [0x00, 0xa0] },
  }),
  request(MULTI_DENOMINATION, '01 B0 02 04 01', {
    denomination: 4,
    base: 'OTHER',
    code: 0x01,
    data: new Uint8Array(),
  }),
  request(MULTI_DENOMINATION, '01 B0 04 04 09 00 0A', {
    denomination: 4,
    base: 'OTHER',
    code: 0x09,
    data: Uint8Array.of(0x00, 0x0a),
  }),
];

export const OTHER_ANSWERS: readonly Sample[] = [
  answer(authentication.AUTHENTICATE_COMPONENT, '01 6E 02 00 07', { data: Uint8Array.of(0, 7) }),
  answer(detail.CARDS, '01 8E 01 01 02 03 04 35', { hand: 'FINAL', cards: [1, 2, 3, 4, 0x35] }),
  answer(detail.REEL_STOPS, '01 8F 01 02 03 FF FF FF FF FF FF', {
    stops: [1, 2, 3, null, null, null, null, null, null],
  }),
  answer(legacy.LEGACY_PROMOTIONAL_METERS, '01 1D 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04', {
    meters: [1n, 2n, 3n, 4n],
  }),
  answer(
    legacy.LEGACY_TRANSFERS,
    `01 28 01 02 03 04 05 06 07 08 09 ${NINE_ZEROS} ${NINE_ZEROS} ${NINE_ZEROS} ${NINE_ZEROS}`,
    {
      transfers: [
        Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
        ...Array.from({ length: 4 }, () => new Uint8Array(9)),
      ],
    },
  ),
  answer(MULTI_DENOMINATION, '01 B0 03 04 00 05', {
    denomination: 4,
    base: 'ERROR',
    error: 'NOT_A_PLAYER_DENOMINATION',
  }),
  answer(MULTI_DENOMINATION, '01 B0 03 04 00 77', { denomination: 4, base: 'ERROR', error: 0x77 }),
  answer(MULTI_DENOMINATION, '51 B0 03 04 09 51', {
    denomination: 4,
    base: 'ENABLE_GAME',
    accepted: true,
    address: 0x51,
  }),
  answer(MULTI_DENOMINATION, '51 B0 03 04 09 D1', {
    denomination: 4,
    base: 'ENABLE_GAME',
    accepted: false,
    address: 0x51,
  }),
  answer(MULTI_DENOMINATION, '01 B0 06 04 11 01 00 12 34', {
    denomination: 4,
    base: 'COIN_IN',
    answer: { value: 1001234n },
  }),
  answer(MULTI_DENOMINATION, '01 B0 0A 04 6F 07 00 01 00 00 02 12 34', {
    denomination: 4,
    base: 'EXTENDED_METERS',
    answer: { game: 1, meters: [{ code: 0, size: 2, value: 1234n }] },
  }),
];
