/** The clocks of machines: how far off they are, and setting them (SAS.md 6.1 and 6.3). */
import type { SasDateTime } from '../codec/date-time.ts';
import { DATE_TIME, READ_DATE_TIME } from '../codec/long-polls/control.ts';
import { encodeRequest } from '../codec/poll-table.ts';
import { type Command, type MachineState, stepOf } from './machine-state.ts';
import type { Talk } from './talk.ts';

/** What machines' clocks should show, and how far they may be off. */
export interface LocalTime {
  readonly at: (at: Date) => SasDateTime;
  readonly driftLimitSeconds: number;
}

export const utcTime = (at: Date): SasDateTime => ({
  year: at.getUTCFullYear(),
  month: at.getUTCMonth() + 1,
  day: at.getUTCDate(),
  hour: at.getUTCHours(),
  minute: at.getUTCMinutes(),
  second: at.getUTCSeconds(),
});

/** A broadcast to address 0 is for all machines. */
export const dateTimeFrame = (address: number, time: SasDateTime): Uint8Array =>
  encodeRequest(DATE_TIME, address, time);

/** Reads the clock, reports it, and has it set when it is too far off. */
export function wantClock(talk: Talk, machine: MachineState, localTime: LocalTime): void {
  readClock(talk, machine, { localTime, maySet: true });
}

interface Look {
  readonly localTime: LocalTime;
  /** False for the look at whether setting it helped. */
  readonly maySet: boolean;
}

function readClock(talk: Talk, machine: MachineState, look: Look): void {
  let shown: SasDateTime | null | undefined;
  machine.errands.push({
    steps: [
      stepOf(READ_DATE_TIME, {}, ({ time }) => {
        shown = time;
      }),
    ],
    begun: false,
    attempts: 0,
    urgent: false,
    finish() {
      if (shown !== undefined) takeClock(talk, machine, { ...look, shown });
    },
    // It is read anew when the machine comes back.
    abort() {},
  });
}

function takeClock(
  talk: Talk,
  machine: MachineState,
  { shown, localTime, maySet }: Look & { readonly shown: SasDateTime | null },
): void {
  const { address } = machine;
  const at = talk.clock.date();
  const driftSeconds = shown && secondsOf(shown) - secondsOf(localTime.at(at));
  const isOff = driftSeconds === null || Math.abs(driftSeconds) > localTime.driftLimitSeconds;
  const isBeingSet = isOff && maySet;
  void talk.deliver({ kind: 'clock', address, at, shown, driftSeconds, isOff, isBeingSet });
  if (isBeingSet) machine.commands.push(clockSetting(talk, machine, localTime));
}

/** Nobody waits for it: it is read once more, which tells whether it helped. */
const clockSetting = (talk: Talk, machine: MachineState, localTime: LocalTime): Command => ({
  code: DATE_TIME.code,
  goesFirst: false,
  reportOf: null,
  frame: () => dateTimeFrame(machine.address, localTime.at(talk.clock.date())),
  finish(result) {
    if ('answer' in result) readClock(talk, machine, { localTime, maySet: false });
  },
  abort() {},
});

const secondsOf = ({ year, month, day, hour, minute, second }: SasDateTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second) / 1_000;
