/** Polls that ask what the machine is (SAS.md 6.3). */
import { SasDecodeError } from '../../codec/decode-error.ts';
import { CASH_OUT_LIMIT } from '../../codec/long-polls/games.ts';
import * as identity from '../../codec/long-polls/identity.ts';
import { modulusOf } from '../../codec/meters.ts';
import { isGame } from '../machine-games.ts';
import type { MachineSettings } from '../machine-settings.ts';
import { type Answering, answering, on } from './answering.ts';

export function known(settings: MachineSettings, game: number): number {
  if (!isGame(settings, game)) throw new SasDecodeError(`no game ${game}`);
  return game;
}

const TWO_BYTES = modulusOf(2);

export const IDENTITY_ANSWERS: readonly Answering[] = [
  on(identity.MACHINE_ID, ({ cabinet }) => cabinet.settings),
  on(identity.NUMBER_OF_GAMES, ({ cabinet }) => ({ games: cabinet.settings.games.length })),
  on(identity.SAS_VERSION, ({ cabinet: { settings } }) => ({
    version: settings.sasVersion,
    serialNumber: settings.serialNumber,
  })),
  on(identity.SELECTED_GAME, ({ cabinet }) => ({ game: cabinet.state.selectedGame })),
  on(identity.FEATURES, ({ cabinet: { settings } }, { game }) => ({
    game: known(settings, game),
    features: settings.features,
  })),
  answering(CASH_OUT_LIMIT, ({ cabinet: { settings } }, { game }) => {
    const limit = (settings.cashOutLimit ?? 0n) % TWO_BYTES;
    return { kind: 'DATA', answer: { game: known(settings, game), limit } };
  }),
  // Only 6.03 knows it. Asset number 0 sets nothing.
  answering(identity.SET_MACHINE_NUMBERS, ({ cabinet }, { assetNumber, location }) => {
    const { settings, state } = cabinet;
    if (assetNumber === settings.assetNumber) cabinet.commit({ ...state, location });
    const shown = cabinet.state.location ?? settings.location;
    return { kind: 'DATA', answer: { control: 0, assetNumber: settings.assetNumber, location: shown } };
  }),
];
