import { BILL_DOLLARS } from '../../../../src/sas/codec/denominations.ts';
import { type Features, NO_FEATURES } from '../../../../src/sas/codec/features.ts';
import * as authentication from '../../../../src/sas/codec/long-polls/authentication.ts';
import * as bonus from '../../../../src/sas/codec/long-polls/bonus.ts';
import * as cash from '../../../../src/sas/codec/long-polls/cash.ts';
import * as control from '../../../../src/sas/codec/long-polls/control.ts';
import * as denominations from '../../../../src/sas/codec/long-polls/denominations.ts';
import * as detail from '../../../../src/sas/codec/long-polls/game-detail.ts';
import * as games from '../../../../src/sas/codec/long-polls/games.ts';
import * as handpay from '../../../../src/sas/codec/long-polls/handpay.ts';
import * as identity from '../../../../src/sas/codec/long-polls/identity.ts';
import * as legacy from '../../../../src/sas/codec/long-polls/legacy.ts';
import * as groups from '../../../../src/sas/codec/long-polls/meter-groups.ts';
import * as progressives from '../../../../src/sas/codec/long-polls/progressives.ts';
import * as selected from '../../../../src/sas/codec/long-polls/selected-meters.ts';
import { SINGLE_METER_POLLS } from '../../../../src/sas/codec/long-polls/single-meters.ts';
import * as tournament from '../../../../src/sas/codec/long-polls/tournament.ts';
import { METERS } from '../../../../src/sas/codec/meters.ts';
import { dateTime, dateTimeOrNone } from './dates.ts';
import { answered, asked, both, type Generated } from './generated.ts';
import {
  all,
  always,
  amount,
  binary,
  bits,
  byte,
  code,
  flag,
  type Gen,
  listOf,
  number,
  oneOf,
  rawBytes,
  text,
} from './random.ts';

const nothing = all<Readonly<Record<string, never>>>({});
const game = number(2);
const ofGame = all({ game });
const onOff = all({ enabled: flag });
const meter = amount(4);
const exactly = (length: number) => text(length, length);
const byteOrNull: Gen<number | null> = (random) => {
  const value = byte(random);
  return value === 0xff ? null : value;
};

const CONTROL: readonly Generated[] = [
  ...[
    control.SHUTDOWN,
    control.STARTUP,
    control.SOUND_OFF,
    control.SOUND_ON,
    control.GAME_SOUNDS_OFF,
    control.BILL_ACCEPTOR_ON,
    control.BILL_ACCEPTOR_OFF,
    control.ENTER_MAINTENANCE,
    control.LEAVE_MAINTENANCE,
  ].map((poll) => asked(poll, nothing)),
  asked(control.REAL_TIME_EVENTS, onOff),
  asked(control.AUTO_REBET, onOff),
  asked(control.DELAY_GAME, all({ tenths: binary(2) })),
  asked(control.DATE_TIME, dateTime),
  answered(control.READ_DATE_TIME, all({ time: dateTimeOrNone })),
];

type Bill = `BILL_${(typeof BILL_DOLLARS)[number]}`;
const billBits = Object.fromEntries(BILL_DOLLARS.map((dollars, bit) => [`BILL_${dollars}`, bit])) as Record<
  Bill,
  number
>;

const CASH: readonly Generated[] = [
  asked(cash.BILL_DENOMINATIONS, all({ bills: bits(4, billBits), staysOn: flag })),
  answered(cash.LAST_BILL, all({ country: number(1), denomination: byte, count: meter })),
  answered(
    cash.HOPPER_STATUS,
    all({
      status: code('OK', 'REVERSE_COIN', 'EMPTY', 'OTHER'),
      percentFull: byteOrNull,
      level: oneOf<bigint | null>(meter, always(null)),
    }),
  ),
  answered(
    handpay.HANDPAY_INFORMATION,
    all({ group: byte, level: byte, cents: amount(5), partialPay: amount(2), resetId: byte }),
  ),
  both(handpay.RESET_HANDPAY, nothing, all({ result: code('RESET', 'UNABLE', 'NO_HANDPAY') })),
  both(
    handpay.HANDPAY_RESET_METHOD,
    all({ method: code('STANDARD', 'CREDIT_METER') }),
    all({ result: code('OK', 'UNABLE', 'NO_HANDPAY') }),
  ),
];

const five = { coinIn: meter, coinOut: meter, totalDrop: meter, jackpot: meter, gamesPlayed: meter };
const knownCode: Gen<number> = (random) => [...METERS.keys()][random.below(METERS.size)] ?? 0;
const selectedMeter: Gen<selected.SelectedMeter> = (random) => {
  const chosen = knownCode(random);
  return { code: chosen, value: amount(METERS.get(chosen)?.bcdBytes2F ?? 4)(random) };
};
const sized: Gen<{ size: number; value: bigint | null }> = (random) => {
  const size = random.below(10);
  return { size, value: size === 0 ? null : amount(size)(random) };
};
const extendedAsked = all({ game, codes: listOf(binary(2), { atMost: 12 }) });
const extendedAnswered = all({
  game,
  meters: listOf<selected.ExtendedMeter>((random) => ({ code: binary(2)(random), ...sized(random) }), {
    atMost: 12,
  }),
});

const METER_POLLS: readonly Generated[] = [
  ...SINGLE_METER_POLLS.map((poll) => answered(poll, all({ value: meter }))),
  answered(groups.METERS_10_15, all({ cancelledCredits: meter, ...five })),
  answered(groups.METERS_11_15, all(five)),
  answered(groups.GAMES_SINCE, all({ gamesSincePowerReset: amount(2), gamesSinceDoorClosed: amount(2) })),
  answered(groups.EIGHT_METERS, all({ ...five, gamesWon: meter, slotDoorOpens: meter, powerResets: meter })),
  answered(
    groups.BILL_COUNTS,
    all({ bills1: meter, bills5: meter, bills10: meter, bills20: meter, bills50: meter, bills100: meter }),
  ),
  both(
    selected.SELECTED_METERS,
    all({ game, codes: listOf(byte, { atMost: 10 }) }),
    all({ game, meters: listOf(selectedMeter, { atMost: 10 }) }),
  ),
  both(selected.EXTENDED_METERS, extendedAsked, extendedAnswered),
  both(selected.EXTENDED_METERS_TWIN, extendedAsked, extendedAnswered),
];

const gameIdentity = {
  gameId: exactly(2),
  additionalId: exactly(3),
  denomination: byte,
  maxBet: byte,
  progressiveGroup: byte,
  gameOptions: binary(2),
  paytableId: exactly(6),
  basePercent: exactly(4),
};
const machineNumbers = { assetNumber: binary(4), location: text(40) };
const features: Gen<Features> = (random) => ({
  ...(Object.fromEntries(
    Object.keys(NO_FEATURES).map((name) => [name, flag(random)]),
  ) as unknown as Features),
  validationStyle:
    (['STANDARD', 'SYSTEM', 'SECURE_ENHANCED', 'RESERVED'] as const)[random.below(4)] ?? 'STANDARD',
  meterModel:
    (['UNSPECIFIED', 'WHEN_WON', 'WHEN_PLAYED_OR_PAID', 'RESERVED'] as const)[random.below(4)] ?? 'RESERVED',
  features3High: random.below(64),
});

const GAMES: readonly Generated[] = [
  answered(identity.MACHINE_ID, all(gameIdentity)),
  answered(identity.NUMBER_OF_GAMES, all({ games: game })),
  answered(identity.SAS_VERSION, all({ version: exactly(3), serialNumber: text(40) })),
  answered(identity.SELECTED_GAME, ofGame),
  both(identity.FEATURES, ofGame, all({ game, features })),
  both(identity.SET_MACHINE_NUMBERS, all(machineNumbers), all({ control: byte, ...machineNumbers })),
  asked(games.ENABLE_GAME, all({ game, enabled: flag })),
  both(games.GAME_HAND_PAID_CREDITS, ofGame, all({ game, value: meter })),
  both(
    games.GAME_METERS,
    ofGame,
    all({ game, coinIn: meter, coinOut: meter, jackpot: meter, gamesPlayed: meter }),
  ),
  both(games.GAME_CONFIGURATION, ofGame, all({ game, ...gameIdentity })),
  answered(games.ENABLED_GAMES, all({ games: listOf(game, { atMost: 40 }) })),
  both(games.CASH_OUT_LIMIT, ofGame, all({ game, limit: amount(2) })),
  both(
    games.WAGER_CATEGORY,
    all({ game, category: game }),
    all({ game, category: game, payback: exactly(4), coinIn: sized }),
  ),
  both(
    games.GAME_INFORMATION,
    ofGame,
    all({
      game,
      maxBet: number(2),
      progressiveGroup: byte,
      progressiveLevels: binary(4),
      name: text(30),
      paytable: text(30),
      wagerCategories: number(2),
    }),
  ),
  answered(denominations.CURRENT_DENOMINATION, all({ denomination: byte })),
  answered(denominations.ENABLED_DENOMINATIONS, all({ denominations: listOf(byte, { atMost: 30 }) })),
  answered(denominations.TOKEN_DENOMINATION, all({ denomination: byte })),
  answered(
    detail.CARDS,
    all({ hand: code('DEALT', 'FINAL'), cards: listOf(byte, { atLeast: 5, atMost: 5 }) }),
  ),
  answered(detail.REEL_STOPS, all({ stops: listOf(byteOrNull, { atLeast: 9, atMost: 9 }) })),
  asked(authentication.ROM_SIGNATURE, all({ seed: binary(2) })),
  both(
    authentication.AUTHENTICATE_COMPONENT,
    all({ action: code('COUNT', 'READ', 'AUTHENTICATE', 'STATUS'), data: rawBytes(12) }),
    all({ data: rawBytes(20) }),
  ),
  answered(legacy.LEGACY_PROMOTIONAL_METERS, all({ meters: listOf(meter, { atLeast: 4, atMost: 4 }) })),
  answered(legacy.LEGACY_TRANSFERS, all({ transfers: listOf(rawBytes(9), { atLeast: 5, atMost: 5 }) })),
];

const level = all({ level: byte, cents: amount(5) });
const win = all({ group: byte, level: byte, cents: amount(5) });
const tax = code('DEDUCTIBLE', 'NOT_DEDUCTIBLE', 'WAGER_MATCH');

const JACKPOTS: readonly Generated[] = [
  asked(progressives.PROGRESSIVE_LEVEL, win),
  asked(progressives.PROGRESSIVE_LEVELS, all({ group: byte, levels: listOf(level, { atMost: 32 }) })),
  both(progressives.CUMULATIVE_PROGRESSIVE_WINS, ofGame, all({ game, credits: meter })),
  answered(progressives.PROGRESSIVE_WIN, win),
  answered(progressives.SAS_PROGRESSIVE_WIN, win),
  answered(progressives.SAS_PROGRESSIVE_WINS, all({ group: byte, wins: listOf(level, { atMost: 32 }) })),
  asked(bonus.LEGACY_BONUS, all({ credits: meter, tax })),
  answered(bonus.LEGACY_BONUS_WIN, all({ multiplier: byte, multipliedWin: meter, tax, bonus: meter })),
  both(
    bonus.LEGACY_BONUS_METERS,
    ofGame,
    all({ game, deductible: meter, nonDeductible: meter, wagerMatch: meter }),
  ),
  asked(
    tournament.TOURNAMENT,
    all({ game, minutes: number(1), seconds: number(1), credits: meter, pulses: byte }),
  ),
  ...[
    tournament.TOURNAMENT_GAMES_PLAYED,
    tournament.TOURNAMENT_GAMES_WON,
    tournament.TOURNAMENT_CREDITS_WAGERED,
    tournament.TOURNAMENT_CREDITS_WON,
  ].map((poll) => both(poll, ofGame, all({ game, value: meter }))),
  both(
    tournament.TOURNAMENT_METERS,
    ofGame,
    all({ game, gamesPlayed: meter, gamesWon: meter, creditsWagered: meter, creditsWon: meter }),
  ),
];

export const MACHINE_POLLS: readonly Generated[] = [CONTROL, CASH, METER_POLLS, GAMES, JACKPOTS].flat();
