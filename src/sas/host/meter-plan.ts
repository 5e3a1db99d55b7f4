/** Which polls read which meters of a machine, and what their answers say (SAS.md 6.2, 6.3 and 8). */
import type { NoFields } from '../codec/fields.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { BILL_COUNTS, EIGHT_METERS, METER_OF_FIELD, METERS_10_15 } from '../codec/long-polls/meter-groups.ts';
import {
  EXTENDED_METERS,
  EXTENDED_METERS_TWIN,
  type ExtendedMeter,
  MOST_EXTENDED_METERS,
  MOST_SELECTED_METERS,
  SELECTED_METERS,
  type SelectedMeter,
} from '../codec/long-polls/selected-meters.ts';
import { METER_OF_POLL, SINGLE_METER_POLLS } from '../codec/long-polls/single-meters.ts';
import { METERS } from '../codec/meters.ts';
import { decodeAnswer, encodeRequest } from '../codec/poll-table.ts';
import { hasFeature } from './identity.ts';
import { type MachineState, type Step, stepOf } from './machine-state.ts';
import type { MeterReading } from './report.ts';

export type Values = Map<number, MeterReading>;
type MeterGroupPoll = LongPoll<NoFields, Readonly<Record<string, bigint | null>>>;

const WHOLE_MACHINE = 0;
const NOTHING = new Uint8Array();
export const GROUP_BCD_BYTES = 4;
/** 2F has one byte for a meter code. */
const LAST_SELECTABLE_METER = 0xff;

/**
 * The polls that read these meters, as few as this machine allows.
 *
 * 6F takes any meter, 2F the first 256; both read what belongs together at one moment. A machine that knows neither
 * is asked in fixed groups, and one by one for what is in none of them. Meters no poll reads are left out.
 */
export function planReading(machine: MachineState, codes: readonly number[], values: Values): Step[] {
  const wanted = codes.filter((code) => !machine.absentMeters.has(code));
  return (
    planNamed(machine, { game: WHOLE_MACHINE, codes: wanted }, values) ??
    fixedSteps(machine, new Set(wanted), values)
  );
}

export interface WantedMeters {
  /** 0 is the machine. */
  readonly game: number;
  readonly codes: readonly number[];
}

/** By polls that name the meters they read; null when the machine knows none of them. */
export function planNamed(
  machine: MachineState,
  { game, codes }: WantedMeters,
  values: Values,
): Step[] | null {
  if (hasFeature(machine, 'extendedMeters') && twinsOf(machine).length > 0) {
    return chunks(codes, MOST_EXTENDED_METERS).map((chunk) =>
      extendedStep(machine, { game, codes: chunk }, values),
    );
  }
  if (!isUsable(machine, SELECTED_METERS.code)) return null;
  return chunks(codes.filter(isSelectable), MOST_SELECTED_METERS).map((chunk) =>
    selectedStep({ game, codes: chunk }, values),
  );
}

export const isSelectable = (code: number): boolean => code <= LAST_SELECTABLE_METER && METERS.has(code);

const isUsable = (machine: MachineState, code: number): boolean => !machine.unsupportedPolls.has(code);

const TWINS = [EXTENDED_METERS, EXTENDED_METERS_TWIN];

const twinsOf = (machine: MachineState) => TWINS.filter(({ code }) => isUsable(machine, code));

/** 6F and AF take turns: the same poll twice would ask for the last answer again (SAS.md 5.1). */
function takeTurn(machine: MachineState): typeof EXTENDED_METERS {
  const twin = nextTwin(machine);
  machine.twinIsNext = twin === EXTENDED_METERS;
  return twin;
}

function nextTwin(machine: MachineState): typeof EXTENDED_METERS {
  const [first = EXTENDED_METERS, second = first] = twinsOf(machine);
  return machine.twinIsNext ? second : first;
}

function extendedStep(machine: MachineState, { game, codes }: WantedMeters, values: Values): Step {
  let turn: typeof EXTENDED_METERS | null = null;
  return {
    get code() {
      return (turn ?? nextTwin(machine)).code;
    },
    frame(address) {
      turn ??= takeTurn(machine);
      return encodeRequest(turn, address, { game, codes });
    },
    accept(body) {
      const { meters } = decodeAnswer(EXTENDED_METERS, body ?? NOTHING);
      takeExtended(meters, codes, values);
      const absent = meters.filter(({ code, size }) => size === 0 && codes.includes(code));
      if (game === WHOLE_MACHINE) for (const { code } of absent) machine.absentMeters.add(code);
    },
  };
}

function selectedStep({ game, codes }: WantedMeters, values: Values): Step {
  return stepOf(SELECTED_METERS, { game, codes }, ({ meters }) => takeSelected(meters, codes, values));
}

/** Takes over what was asked for. */
export function takeExtended(
  meters: readonly ExtendedMeter[],
  codes: readonly number[],
  values: Values,
): void {
  for (const { code, value, size } of meters)
    if (codes.includes(code) && size > 0 && value !== null) values.set(code, { value, bcdBytes: size });
}

/** Takes over what was asked for. */
export function takeSelected(
  meters: readonly SelectedMeter[],
  codes: readonly number[],
  values: Values,
): void {
  for (const { code, value } of meters) {
    const bcdBytes = METERS.get(code)?.bcdBytes2F;
    if (codes.includes(code) && value !== null && bcdBytes) values.set(code, { value, bcdBytes });
  }
}

/** Fixed groups whose fields are meters of chapter 8, the richest first. */
const GROUPS: readonly { readonly poll: MeterGroupPoll; readonly codes: readonly number[] }[] = [
  { poll: EIGHT_METERS, codes: fieldCodes('coinIn coinOut totalDrop jackpot gamesPlayed gamesWon') },
  { poll: METERS_10_15, codes: fieldCodes('cancelledCredits coinIn coinOut totalDrop jackpot gamesPlayed') },
  { poll: BILL_COUNTS, codes: fieldCodes('bills1 bills5 bills10 bills20 bills50 bills100') },
];

function fieldCodes(names: string): number[] {
  return names.split(' ').flatMap((name) => METER_OF_FIELD[name] ?? []);
}

/** A group is worth its bytes when it reads at least so many of the meters that are still wanted. */
const WORTH_A_GROUP = 2;

function fixedSteps(machine: MachineState, wanted: Set<number>, values: Values): Step[] {
  const steps: Step[] = [];
  const addGroups = (atLeast: number) => {
    for (const { poll, codes } of GROUPS) {
      const covered = codes.filter((code) => wanted.has(code));
      if (covered.length < atLeast || !isUsable(machine, poll.code)) continue;
      for (const code of covered) wanted.delete(code);
      steps.push(groupStep(poll, values));
    }
  };
  addGroups(WORTH_A_GROUP);
  for (const poll of SINGLE_METER_POLLS) {
    const code = METER_OF_POLL.get(poll.code);
    if (code === undefined || !wanted.has(code) || !isUsable(machine, poll.code)) continue;
    wanted.delete(code);
    steps.push(
      stepOf(poll, {}, ({ value }) => {
        if (value !== null) values.set(code, { value, bcdBytes: GROUP_BCD_BYTES });
      }),
    );
  }
  addGroups(1);
  return steps;
}

function groupStep(poll: MeterGroupPoll, values: Values): Step {
  return stepOf(poll, {}, (answer) => {
    for (const [field, value] of Object.entries(answer)) {
      const code = METER_OF_FIELD[field];
      if (code !== undefined && value !== null) values.set(code, { value, bcdBytes: GROUP_BCD_BYTES });
    }
  });
}

export function chunks(codes: readonly number[], size: number): (readonly number[])[] {
  const all: (readonly number[])[] = [];
  for (let at = 0; at < codes.length; at += size) all.push(codes.slice(at, at + size));
  return all;
}
