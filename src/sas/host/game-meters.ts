/** Meters of one game, or of one denomination of a game (SAS.md 6.3). */
import { GAME_HAND_PAID_CREDITS, GAME_METERS } from '../codec/long-polls/games.ts';
import { type DenominatedRequest, MULTI_DENOMINATION } from '../codec/long-polls/multi-denomination.ts';
import { MOST_EXTENDED_METERS, MOST_SELECTED_METERS } from '../codec/long-polls/selected-meters.ts';
import { meterCode } from '../codec/meters.ts';
import { hasFeature } from './identity.ts';
import { type MachineState, type Step, stepOf } from './machine-state.ts';
import {
  chunks,
  GROUP_BCD_BYTES,
  isSelectable,
  planNamed,
  takeExtended,
  takeSelected,
  type Values,
} from './meter-plan.ts';
import type { MeterReading } from './report.ts';

export interface GameMetersRequest {
  /** From 1; 0 is the machine. */
  readonly game: number;
  /** Meter codes of SAS.md 8. */
  readonly codes: readonly number[];
  /** A code of SAS.md 7.1: only what was wagered in it. Null is all of them together. */
  readonly denomination?: number | null;
}

/** What was read; null when nothing was. A meter the machine does not have for a game is left out. */
export type GameMeters = ReadonlyMap<number, MeterReading> | null;

/** Reads the meters as soon as there is time, and hands them to `done`. */
export function wantGameMeters(
  machine: MachineState,
  request: GameMetersRequest,
  done: (meters: GameMeters) => void,
): void {
  const values: Values = new Map();
  const steps = planGame(machine, request, values);
  const known = machine.unsupportedPolls.size;
  if (steps.length === 0) {
    done(null);
    return;
  }
  machine.errands.push({
    steps,
    begun: false,
    attempts: 0,
    urgent: true,
    finish() {
      if (values.size > 0) done(values);
      // What it turned out not to know is not asked again, but there may be another way.
      else if (machine.unsupportedPolls.size > known) wantGameMeters(machine, request, done);
      else done(null);
    },
    abort: () => done(null),
  });
}

function planGame(machine: MachineState, request: GameMetersRequest, values: Values): Step[] {
  const { game, codes, denomination = null } = request;
  const isUsable = ({ code }: Step) => !machine.unsupportedPolls.has(code);
  if (denomination !== null)
    return denominationSteps(machine, { ...request, denomination }, values).filter(isUsable);
  const steps = planNamed(machine, { game, codes }, values) ?? gameSteps({ game, codes }, values);
  return steps.filter(isUsable);
}

/** Behind B0 the machine reads the same for one denomination. */
function denominationSteps(
  machine: MachineState,
  { game, codes, denomination }: GameMetersRequest & { readonly denomination: number },
  values: Values,
): Step[] {
  if (hasFeature(machine, 'extendedMeters'))
    return chunks(codes, MOST_EXTENDED_METERS).map((chunk) =>
      behindB0({ denomination, base: 'EXTENDED_METERS', request: { game, codes: chunk } }, { codes, values }),
    );
  return chunks(codes.filter(isSelectable), MOST_SELECTED_METERS).map((chunk) =>
    behindB0({ denomination, base: 'SELECTED_METERS', request: { game, codes: chunk } }, { codes, values }),
  );
}

const behindB0 = (
  request: DenominatedRequest,
  { codes, values }: { readonly codes: readonly number[]; readonly values: Values },
): Step =>
  stepOf(MULTI_DENOMINATION, request, (answer) => {
    if (answer.base === 'EXTENDED_METERS') takeExtended(answer.answer.meters, codes, values);
    if (answer.base === 'SELECTED_METERS') takeSelected(answer.answer.meters, codes, values);
  });

/** The meters of poll 52, by its fields. */
const GAME_FIELDS = {
  coinIn: meterCode('COIN_IN'),
  coinOut: meterCode('COIN_OUT'),
  jackpot: meterCode('JACKPOT'),
  gamesPlayed: meterCode('GAMES_PLAYED'),
} as const;

const HAND_PAID = meterCode('HAND_PAID_CANCELLED_CREDITS');

/** What older machines tell of a game. */
function gameSteps({ game, codes }: GameMetersRequest, values: Values): Step[] {
  const take = (code: number, value: bigint | null) => {
    if (codes.includes(code) && value !== null) values.set(code, { value, bcdBytes: GROUP_BCD_BYTES });
  };
  const steps: Step[] = [];
  if (Object.values(GAME_FIELDS).some((code) => codes.includes(code))) {
    steps.push(
      stepOf(GAME_METERS, { game }, (answer) => {
        take(GAME_FIELDS.coinIn, answer.coinIn);
        take(GAME_FIELDS.coinOut, answer.coinOut);
        take(GAME_FIELDS.jackpot, answer.jackpot);
        take(GAME_FIELDS.gamesPlayed, answer.gamesPlayed);
      }),
    );
  }
  if (codes.includes(HAND_PAID))
    steps.push(stepOf(GAME_HAND_PAID_CREDITS, { game }, ({ value }) => take(HAND_PAID, value)));
  return steps;
}
