/** Asking a machine what it is (SAS.md 5.5 and 6.3). */
import type { Features } from '../codec/features.ts';
import { AFT_LOCK } from '../codec/long-polls/aft-lock.ts';
import { REAL_TIME_EVENTS } from '../codec/long-polls/control.ts';
import {
  CURRENT_DENOMINATION,
  ENABLED_DENOMINATIONS,
  TOKEN_DENOMINATION,
} from '../codec/long-polls/denominations.ts';
import { ENABLED_GAMES } from '../codec/long-polls/games.ts';
import {
  FEATURES,
  MACHINE_ID,
  NUMBER_OF_GAMES,
  SAS_VERSION,
  SELECTED_GAME,
} from '../codec/long-polls/identity.ts';
import { VALIDATION_STATUS } from '../codec/long-polls/validation.ts';
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
  enabledGames: null,
  enabledDenominations: null,
  currentDenomination: null,
  tokenDenomination: null,
  features: null,
  assetNumber: null,
};

/** Everything anew. The feature bits come first: they may allow a faster pace for the rest, and say what else to ask. */
export function startIdentification(
  machine: MachineState,
  { isComing }: Pick<Identification, 'isComing'>,
): void {
  const found: Identification['found'] = {};
  const steps: Step[] = [
    stepOf(FEATURES, { game: WHOLE_MACHINE }, ({ features }) => {
      found.features = features;
      steps.push(...featureSteps(features, found));
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
      if (games) steps.push(enabledGamesStep(found));
    }),
    selectedGameStep(found),
  ];
  machine.identification = { steps, found, isComing, isWhole: true, begun: false, attempts: 0 };
}

/** What only machines with these features know. */
function featureSteps(features: Features, found: Identification['found']): Step[] {
  const steps: Step[] = [];
  if (features.multiDenomination) {
    steps.push(
      stepOf(CURRENT_DENOMINATION, {}, ({ denomination }) => {
        found.currentDenomination = denomination;
      }),
      stepOf(ENABLED_DENOMINATIONS, {}, ({ denominations }) => {
        found.enabledDenominations = denominations;
      }),
      stepOf(TOKEN_DENOMINATION, {}, ({ denomination }) => {
        found.tokenDenomination = denomination;
      }),
    );
  }
  if (features.aft) steps.push(stepOf(AFT_LOCK, LOCK_STATUS, assetNumberInto(found)));
  else if (features.validationExtensions)
    steps.push(stepOf(VALIDATION_STATUS, VALIDATION_STATUS_READ, assetNumberInto(found)));
  return steps;
}

const LOCK_STATUS = { lock: 'STATUS_ONLY', conditions: [], timeoutHundredths: 0 } as const;
const VALIDATION_STATUS_READ = { change: [], enabled: [], cashableDays: 0, restrictedDays: 0 } as const;

const assetNumberInto =
  (found: Identification['found']) =>
  ({ assetNumber }: { readonly assetNumber: number }): void => {
    found.assetNumber = assetNumber;
  };

const enabledGamesStep = (found: Identification['found']): Step =>
  stepOf(ENABLED_GAMES, {}, ({ games }) => {
    found.enabledGames = games.filter((game) => game !== null);
  });

/** Only the game the player sees; nothing when everything is being asked anyway. */
export function startGameIdentification(machine: MachineState): void {
  if (machine.identification) return;
  const found: Identification['found'] = {};
  const steps = [selectedGameStep(found)];
  machine.identification = { steps, found, isComing: false, isWhole: false, begun: false, attempts: 0 };
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
export function hasFeature(
  machine: MachineState,
  feature: 'fastPolling' | 'extendedMeters' | 'multiDenomination',
): boolean {
  const features = machine.identification?.found.features ?? machine.identity?.features;
  return features?.[feature] ?? false;
}
