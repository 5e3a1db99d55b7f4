/** Polls about denominations, and B0 in front of other polls (SAS.md 6.3). */
import { SasDecodeError } from '../../codec/decode-error.ts';
import * as denominations from '../../codec/long-polls/denominations.ts';
import {
  type DENOMINATION_ERRORS,
  type DenominatedAnswer,
  type DenominatedRequest,
  MULTI_DENOMINATION,
} from '../../codec/long-polls/multi-denomination.ts';
import { type MeterName, meterCode, modulusOf } from '../../codec/meters.ts';
import {
  isGame,
  meterIn,
  playerDenomination,
  playerDenominations,
  withGameEnabled,
} from '../machine-games.ts';
import { type Answering, type AnsweringMachine, on } from './answering.ts';
import { enabledGames, gameInformation } from './games.ts';
import { extendedMeters, selectedMeters } from './selected-meters.ts';

const SINGLE_METER_MODULUS = modulusOf(4);

const SINGLE_METERS: Readonly<Partial<Record<DenominatedRequest['base'], MeterName>>> = {
  COIN_IN: 'COIN_IN',
  COIN_OUT: 'COIN_OUT',
  JACKPOT: 'JACKPOT',
  GAMES_PLAYED: 'GAMES_PLAYED',
  GAMES_WON: 'GAMES_WON',
  GAMES_LOST: 'GAMES_LOST',
};

/** Codes of base polls that may not stand behind B0 differ from those that cannot be read. */
const BASE_CODES: ReadonlySet<number> = new Set([
  0x09, 0x11, 0x12, 0x14, 0x15, 0x16, 0x17, 0x2f, 0x56, 0x6f, 0xaf, 0xb5,
]);

const DEFAULT_DENOMINATION = 0;

function denominated(machine: AnsweringMachine, request: DenominatedRequest): DenominatedAnswer {
  const { settings } = machine.cabinet;
  const failed = (error: keyof typeof DENOMINATION_ERRORS): DenominatedAnswer => ({
    denomination: request.denomination,
    base: 'ERROR',
    error,
  });
  if (request.base === 'OTHER')
    return failed(BASE_CODES.has(request.code) ? 'MALFORMED' : 'BASE_NOT_ALLOWED');
  const there = playerDenominations(settings);
  const denomination =
    request.denomination === DEFAULT_DENOMINATION
      ? (there[0] ?? settings.denomination)
      : request.denomination;
  if (!there.includes(denomination)) return failed('NOT_A_PLAYER_DENOMINATION');
  try {
    return { ...answerOf(machine, request, denomination), denomination: request.denomination };
  } catch (error) {
    if (error instanceof SasDecodeError) return failed('MALFORMED');
    throw error;
  }
}

type Base = Exclude<DenominatedRequest, { readonly base: 'OTHER' }>;

function answerOf(machine: AnsweringMachine, request: Base, denomination: number): DenominatedAnswer {
  const { address, cabinet } = machine;
  const { settings, state } = cabinet;
  switch (request.base) {
    case 'ENABLE_GAME': {
      const { game, enabled } = request.request;
      const accepted = isGame(settings, game);
      if (accepted) cabinet.commit(withGameEnabled(state, { game, denomination }, { enabled, settings }));
      return { denomination, base: 'ENABLE_GAME', accepted, address };
    }
    case 'SELECTED_METERS': {
      const answer = selectedMeters(machine, request.request, denomination);
      return { denomination, base: 'SELECTED_METERS', answer };
    }
    case 'EXTENDED_METERS':
    case 'EXTENDED_METERS_TWIN': {
      const answer = extendedMeters(machine, request.request, denomination);
      return { denomination, base: request.base, answer };
    }
    case 'ENABLED_GAMES': {
      const answer = { games: enabledGames(state, settings, denomination) };
      return { denomination, base: 'ENABLED_GAMES', answer };
    }
    case 'GAME_INFORMATION': {
      const answer = gameInformation(settings, request.request.game);
      return { denomination, base: 'GAME_INFORMATION', answer };
    }
    default: {
      const code = meterCode(SINGLE_METERS[request.base] ?? 'COIN_IN');
      const value = (meterIn(state, code, { game: null, denomination }) ?? 0n) % SINGLE_METER_MODULUS;
      return { denomination, base: request.base, answer: { value } };
    }
  }
}

export const DENOMINATION_ANSWERS: readonly Answering[] = [
  on(denominations.CURRENT_DENOMINATION, ({ cabinet: { settings, state } }) => ({
    denomination: playerDenomination(state, settings),
  })),
  on(denominations.ENABLED_DENOMINATIONS, ({ cabinet: { settings } }) => ({
    denominations: playerDenominations(settings),
  })),
  on(denominations.TOKEN_DENOMINATION, ({ cabinet: { settings } }) => ({
    denomination: settings.coins?.tokenDenomination ?? 0,
  })),
  on(MULTI_DENOMINATION, denominated),
];
