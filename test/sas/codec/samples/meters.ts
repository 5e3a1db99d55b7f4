import { NO_FEATURES } from '../../../../src/sas/codec/features.ts';
import * as identity from '../../../../src/sas/codec/long-polls/identity.ts';
import * as groups from '../../../../src/sas/codec/long-polls/meter-groups.ts';
import * as selected from '../../../../src/sas/codec/long-polls/selected-meters.ts';
import * as single from '../../../../src/sas/codec/long-polls/single-meters.ts';
import { hexOf } from '../hex.ts';
import { answer, request, type Sample } from './sample.ts';

export const METER_REQUESTS: readonly Sample[] = [
  ...single.SINGLE_METER_POLLS.map((poll) => request(poll, hexOf(Uint8Array.of(0x21, poll.code)), {})),
  request(groups.METERS_10_15, '01 0F', {}),
  request(groups.GAMES_SINCE, '01 18', {}),
  request(groups.METERS_11_15, '01 19', {}),
  request(groups.EIGHT_METERS, '01 1C', {}),
  request(groups.BILL_COUNTS, '01 1E', {}),
  request(identity.MACHINE_ID, '01 1F', {}),
  request(identity.NUMBER_OF_GAMES, '51 51', {}),
  request(identity.SAS_VERSION, '01 54', {}),
  request(identity.SELECTED_GAME, '01 55', {}),
  request(identity.FEATURES, '01 A0 00 12', { game: 12 }),
  request(selected.SELECTED_METERS, '01 2F 06 00 00 00 01 0C A0', {
    game: 0,
    codes: [0x00, 0x01, 0x0c, 0xa0],
  }),
  request(selected.EXTENDED_METERS, '01 6F 08 00 05 00 00 01 00 A0 00', { game: 5, codes: [0, 1, 0xa0] }),
  request(selected.EXTENDED_METERS_TWIN, '01 AF 04 00 00 34 12', { game: 0, codes: [0x1234] }),
  request(identity.SET_MACHINE_NUMBERS, '01 B7 07 E9 03 00 00 02 41 42', {
    assetNumber: 1001,
    location: 'AB',
  }),
];

export const METER_ANSWERS: readonly Sample[] = [
  ...single.SINGLE_METER_POLLS.map((poll) =>
    answer(poll, `21 ${hexOf(Uint8Array.of(poll.code))} 12 34 56 78`, { value: 12345678n }),
  ),
  answer(
    groups.METERS_10_15,
    '01 0F 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00 06',
    {
      cancelledCredits: 1n,
      coinIn: 2n,
      coinOut: 3n,
      totalDrop: 4n,
      jackpot: 5n,
      gamesPlayed: 6n,
    },
  ),
  answer(groups.GAMES_SINCE, '01 18 00 12 99 99', { gamesSincePowerReset: 12n, gamesSinceDoorClosed: 9999n }),
  answer(groups.METERS_11_15, '01 19 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 99 99 99 99', {
    coinIn: 2n,
    coinOut: 3n,
    totalDrop: 4n,
    jackpot: 5n,
    gamesPlayed: 99_999_999n,
  }),
  answer(
    groups.EIGHT_METERS,
    '01 1C 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00 06 00 00 00 07 00 00 00 08',
    {
      coinIn: 1n,
      coinOut: 2n,
      totalDrop: 3n,
      jackpot: 4n,
      gamesPlayed: 5n,
      gamesWon: 6n,
      slotDoorOpens: 7n,
      powerResets: 8n,
    },
  ),
  answer(
    groups.BILL_COUNTS,
    '01 1E 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00 06',
    {
      bills1: 1n,
      bills5: 2n,
      bills10: 3n,
      bills20: 4n,
      bills50: 5n,
      bills100: 6n,
    },
  ),
  answer(identity.MACHINE_ID, '01 1F 46 57 30 30 31 01 0A 00 34 12 50 54 30 30 30 31 39 30 36 38', {
    gameId: 'FW',
    additionalId: '001',
    denomination: 0x01,
    maxBet: 10,
    progressiveGroup: 0,
    gameOptions: 0x1234,
    paytableId: 'PT0001',
    basePercent: '9068',
  }),
  answer(identity.NUMBER_OF_GAMES, '51 51 00 12', { games: 12 }),
  answer(identity.SAS_VERSION, '01 54 0A 36 30 32 46 57 2D 30 30 30 31', {
    version: '602',
    serialNumber: 'FW-0001',
  }),
  answer(identity.SAS_VERSION, '01 54 03 36 30 32', { version: '602', serialNumber: '' }),
  answer(identity.SELECTED_GAME, '01 55 00 10', { game: 10 }),
  answer(identity.FEATURES, '01 A0 00 00 D7 E9 03 00 00 00', {
    game: 0,
    features: {
      ...NO_FEATURES,
      jackpotMultiplier: true,
      aftBonus: true,
      legacyBonus: true,
      validationExtensions: true,
      validationStyle: 'SECURE_ENHANCED',
      ticketRedemption: true,
      meterModel: 'WHEN_WON',
      extendedMeters: true,
      features2Bit5: true,
      aft: true,
      multiDenomination: true,
      fastPolling: true,
      multipleProgressiveWins: true,
    },
  }),
  answer(identity.FEATURES, '01 A0 00 05 28 16 04 00 00 00', {
    game: 5,
    features: {
      ...NO_FEATURES,
      tournament: true,
      validationStyle: 'SYSTEM',
      meterModel: 'WHEN_PLAYED_OR_PAID',
      ticketsInTotalDrop: true,
      componentAuthentication: true,
      features3High: 1,
    },
  }),
  answer(selected.SELECTED_METERS, '01 2F 0D 00 05 0C 00 00 01 00 A0 00 00 01 23 45', {
    game: 5,
    meters: [
      { code: 0x0c, value: 100n },
      { code: 0xa0, value: 12345n },
    ],
  }),
  answer(selected.EXTENDED_METERS, '01 6F 10 00 00 00 00 04 00 45 20 40 01 00 00 B7 00 01 10', {
    game: 0,
    meters: [
      { code: 0x00, size: 4, value: 452040n },
      { code: 0x01, size: 0, value: null },
      { code: 0xb7, size: 1, value: 10n },
    ],
  }),
  answer(selected.EXTENDED_METERS_TWIN, '01 AF 0E 00 00 00 00 09 12 34 56 78 90 12 34 56 78', {
    game: 0,
    meters: [{ code: 0x00, size: 9, value: 123456789012345678n }],
  }),
  answer(identity.SET_MACHINE_NUMBERS, '01 B7 06 01 E9 03 00 00 00', {
    control: 1,
    assetNumber: 1001,
    location: '',
  }),
];
