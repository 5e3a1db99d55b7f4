/** Asking a machine what it is (SAS.md 5.5 and 6.3). */
import { REAL_TIME_EVENTS } from '../codec/long-polls/control.ts';
import {
  FEATURES,
  MACHINE_ID,
  NUMBER_OF_GAMES,
  SAS_VERSION,
  SELECTED_GAME,
} from '../codec/long-polls/identity.ts';
import { type Identification, type MachineState, type Step, stepOf } from './machine-state.ts';
import type { MachineIdentity } from './report.ts';

const WHOLE_MACHINE = 0;

const UNKNOWN: MachineIdentity = {
  sasVersion: null,
  serialNumber: null,
  gameId: null,
  additionalId: null,
  denominationCode: null,
  maxBet: null,
  paytableId: null,
  basePercent: null,
  numberOfGames: null,
  selectedGame: null,
  features: null,
};

/** Everything anew. The feature bits come first: they may allow a faster pace for the rest. */
export function startIdentification(machine: MachineState): void {
  const found: Identification['found'] = {};
  const steps: Step[] = [
    stepOf(FEATURES, { game: WHOLE_MACHINE }, ({ features }) => {
      found.features = features;
    }),
    // Real-time events are never used here, and a machine left in that mode is silent when it has nothing to say.
    stepOf(REAL_TIME_EVENTS, { enabled: false }, () => {}),
    stepOf(MACHINE_ID, {}, (answer) => {
      found.gameId = answer.gameId;
      found.additionalId = answer.additionalId;
      found.denominationCode = answer.denomination;
      found.maxBet = answer.maxBet;
      found.paytableId = answer.paytableId;
      found.basePercent = answer.basePercent;
    }),
    stepOf(SAS_VERSION, {}, ({ version, serialNumber }) => {
      found.sasVersion = version;
      found.serialNumber = serialNumber;
    }),
    stepOf(NUMBER_OF_GAMES, {}, ({ games }) => {
      found.numberOfGames = games;
    }),
    selectedGameStep(found),
  ];
  machine.identification = { steps, found, begun: false, attempts: 0 };
}

/** Only the game the player sees; nothing when everything is being asked anyway. */
export function startGameIdentification(machine: MachineState): void {
  if (machine.identification) return;
  const found: Identification['found'] = {};
  machine.identification = { steps: [selectedGameStep(found)], found, begun: false, attempts: 0 };
}

function selectedGameStep(found: Identification['found']): Step {
  return stepOf(SELECTED_GAME, {}, ({ game }) => {
    found.selectedGame = game;
  });
}

/** Takes over what was found. */
export function finishIdentification(machine: MachineState, { found }: Identification): MachineIdentity {
  machine.identification = null;
  machine.identity = { ...(machine.identity ?? UNKNOWN), ...found };
  return machine.identity;
}

/** Whether a feature bit is set; a machine that did not tell has none. */
export function hasFeature(machine: MachineState, feature: 'fastPolling' | 'extendedMeters'): boolean {
  const features = machine.identification?.found.features ?? machine.identity?.features;
  return features?.[feature] ?? false;
}
