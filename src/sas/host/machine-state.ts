/** What the host knows of one machine on its line, and what it still wants from it. */
import type { LongPoll } from '../codec/long-poll.ts';
import { decodeAnswer, encodeRequest } from '../codec/poll-table.ts';
import type { ReadScope } from './profiles.ts';
import type { HostReport, MachineIdentity, MeterReading } from './report.ts';
import { type LinkState, type MachineCounters, newMachineCounters } from './statistics.ts';

/** One long poll of a task. */
export interface Step {
  /** The command byte it is, or will be, sent with. */
  readonly code: number;
  /** The request; the same for every try. */
  frame(address: number): Uint8Array;
  /** Takes the answer; null stands for an acknowledgement. @throws SasDecodeError */
  accept(body: Uint8Array | null): void;
}

/** Long polls that belong together. What a machine does not answer is left out. */
export interface Task {
  steps: Step[];
  /** Whether an answer was taken already. */
  begun: boolean;
  /** How often the first of `steps` was asked in vain. */
  attempts: number;
}

export interface Identification extends Task {
  /** Whether it is because the machine came online: then it is asked about money under way too. */
  readonly isComing: boolean;
  /** Whether everything is asked, not the selected game alone. */
  readonly isWhole: boolean;
  readonly found: Partial<{ -readonly [K in keyof MachineIdentity]: MachineIdentity[K] }>;
}

/** READ: they are reported. OFFLINE: nothing of them is known. DAMAGED: nothing arrived whole. */
export type MetersRead = 'READ' | 'OFFLINE' | 'DAMAGED';

export interface Reading extends Task {
  scope: ReadScope;
  /** Whether it comes before general polls. */
  urgent: boolean;
  readonly values: Map<number, MeterReading>;
  readonly waiters: ((read: MetersRead) => void)[];
  /** Whether something was given up because its answers arrived damaged. */
  isDamaged: boolean;
}

/** Anything else that is to be found out in its turn. */
export interface Errand extends Task {
  /** Whether it comes before general polls: somebody waits for it. */
  readonly urgent: boolean;
  /** Nothing is left to ask. */
  finish(): void;
  /** The machine went away before. */
  abort(): void;
}

/** A long poll whose answer has to be stored before the machine may forget it. */
export interface Fetch {
  readonly code: number;
  readonly frame: Uint8Array;
  /** Whether it comes before commands. */
  readonly urgent: boolean;
  /** Null when the answer says nothing worth a report. @throws SasDecodeError */
  reportOf(body: Uint8Array, heard: Heard): HostReport | null;
}

/** How an answer was come by. */
export interface Heard {
  readonly at: Date;
  /** How often it was asked for. */
  readonly attempts: number;
  /** It may be the answer to an earlier poll of the same code: the port closed before that one was acknowledged. */
  readonly isResumed: boolean;
}

/** A fetch that is due, and how it fared until now. */
export interface DueFetch {
  readonly fetch: Fetch;
  /** The answer that is stored, but that the machine may still hold: it cannot have heard an acknowledgement. */
  stored: Uint8Array | null;
  attempts: number;
  notBeforeMs: number;
}

/** A long poll that somebody waits for. */
export interface Command {
  readonly code: number;
  /** Whether it may be sent while the machine is held. */
  readonly goesFirst: boolean;
  /** The request, made when it is first sent. */
  frame(): Uint8Array;
  /** Of an answer that has to be stored before the machine may forget it; null for any other. */
  readonly reportOf: Fetch['reportOf'] | null;
  /** The answer of DATA is the body of its frame. */
  finish(result: CommandResult<Uint8Array | null>): void;
  /** The host ends before it is known what became of the command. */
  abort(): void;
}

export type CommandFailure = 'NACK' | 'BUSY' | 'SILENT' | 'OFFLINE' | 'DAMAGED';

export type CommandResult<Answer> =
  | { readonly outcome: 'ACK' | 'DATA'; readonly answer: Answer; readonly attempts: number }
  | { readonly outcome: CommandFailure; readonly attempts: number };

export interface MachineState {
  readonly address: number;
  readonly counters: MachineCounters;
  link: LinkState;
  /** Polls in a row without an answer. */
  missed: number;
  /** When the first of the replies in a row that were all damaged came; null after a good one. */
  damagedSinceMs: number | null;
  /** When it may be polled again. */
  slotAtMs: number;
  /** When all its meters are read again. */
  sweepAtMs: number;
  /** When its clock is read again. */
  clockAtMs: number;
  lastPollWasGeneral: boolean;
  /** The command byte of its last poll; null when that was a general poll. */
  lastCode: number | null;
  /** Whether it said once, while not online, that nothing happened: said twice, it is there. */
  hasGreeted: boolean;
  /**
   * Whether it is there for all that is known, though not online, and may have something to tell: it answered a poll
   * that only reads, or was in the middle of reporting when the port closed that is open again.
   */
  isBack: boolean;
  /** Polls since it was last online. */
  probes: number;
  identity: MachineIdentity | null;
  identification: Identification | null;
  reading: Reading | null;
  /** What was wanted after `reading` had begun. */
  nextReading: Reading | null;
  readonly errands: Errand[];
  /** In order, one of each code. A machine that goes offline still owes them. */
  readonly due: DueFetch[];
  readonly commands: Command[];
  /** Not null while it hears general polls only, and commands that go first; another each time. */
  hold: symbol | null;
  /** Long polls it answered, and long polls it never answered though it was there. Until it goes offline. */
  readonly answeredPolls: Set<number>;
  readonly unsupportedPolls: Set<number>;
  /** The request it answered of a poll that only reads, and that any SAS machine should know. It outlives the session. */
  quietPoll: Uint8Array | null;
  /** Meters it says it does not have. */
  readonly absentMeters: Set<number>;
  /** Whether AF, not 6F, is the next of the two to be used. */
  twinIsNext: boolean;
  /** What it was asked for a ROM signature with; null when this host did not ask. */
  signatureSeed: number | null;
}

export function newMachine(address: number, nowMs: number): MachineState {
  return {
    address,
    counters: newMachineCounters(),
    link: 'UNKNOWN',
    missed: 0,
    damagedSinceMs: null,
    slotAtMs: nowMs,
    sweepAtMs: nowMs,
    clockAtMs: nowMs,
    lastPollWasGeneral: false,
    lastCode: null,
    hasGreeted: false,
    isBack: false,
    probes: 0,
    identity: null,
    identification: null,
    reading: null,
    nextReading: null,
    errands: [],
    due: [],
    commands: [],
    hold: null,
    answeredPolls: new Set(),
    unsupportedPolls: new Set(),
    quietPoll: null,
    absentMeters: new Set(),
    twinIsNext: false,
    signatureSeed: null,
  };
}

/** The fetch whose time has come, if any; what an exception announced goes first. */
export function nextFetch({ due }: MachineState, nowMs: number): DueFetch | undefined {
  if (due.length === 0) return undefined;
  const ready = due.filter(({ notBeforeMs }) => notBeforeMs <= nowMs);
  return ready.find(({ fetch }) => fetch.urgent) ?? ready[0];
}

/** The command whose turn it is, if any. */
export const nextCommand = ({ commands, hold }: MachineState): Command | undefined =>
  hold === null ? commands[0] : commands.find(({ goesFirst }) => goesFirst);

/** Forgets what only held for the machine that answered until now. */
export function forgetSession(machine: MachineState): void {
  machine.missed = 0;
  machine.damagedSinceMs = null;
  machine.lastPollWasGeneral = false;
  machine.lastCode = null;
  machine.hasGreeted = false;
  machine.isBack = false;
  machine.probes = 0;
  machine.hold = null;
  machine.identification = null;
  machine.identity = null;
  machine.answeredPolls.clear();
  machine.unsupportedPolls.clear();
  machine.absentMeters.clear();
  for (const reading of [machine.reading, machine.nextReading]) {
    for (const waiter of reading?.waiters ?? []) waiter('OFFLINE');
  }
  machine.reading = null;
  machine.nextReading = null;
  for (const errand of machine.errands.splice(0)) errand.abort();
  for (const command of machine.commands.splice(0)) command.finish({ outcome: 'OFFLINE', attempts: 0 });
}

/** A step of a task, typed by its poll. */
export function stepOf<Request, Answer>(
  poll: LongPoll<Request, Answer>,
  request: Request,
  accept: (answer: Answer) => void,
): Step {
  return {
    code: poll.code,
    frame: (address) => encodeRequest(poll, address, request),
    accept(body) {
      // A poll that is only acknowledged has null for an answer.
      accept(body === null ? (null as Answer) : decodeAnswer(poll, body));
    },
  };
}
