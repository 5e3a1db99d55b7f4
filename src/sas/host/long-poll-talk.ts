/** Long polls: commands somebody waits for, and the steps of identification and meter reading. */
import { SasDecodeError } from '../codec/decode-error.ts';
import type { Reply } from '../codec/frame.ts';
import { RESET_HANDPAY } from '../codec/long-polls/handpay.ts';
import { MOST_EVENTS, tookEvent } from './event-in-place.ts';
import { fetchMoneyUnderWay } from './fetches.ts';
import { identifyGames } from './games.ts';
import { pollGeneral } from './general-poll.ts';
import { finishIdentification } from './identity.ts';
import type {
  Command,
  CommandFailure,
  Identification,
  MachineState,
  MetersRead,
  Reading,
  Step,
  Task,
} from './machine-state.ts';
import { nextCommand } from './machine-state.ts';
import { finishReading, replanReading } from './readings.ts';
import { isQuiet } from './silent-line.ts';
import { storeAnswer } from './stored-answer.ts';
import { askMachine, awaitSlot, noteAnswer, type Talk } from './talk.ts';
import { nextTask } from './tasks.ts';

/** One poll and two repeats (SAS.md 5.1). */
export const MOST_TRIES = 3;
/** What a machine is asks to be known: a damaged answer is asked for more often than a meter. */
const MOST_IDENTITY_TRIES = 10;

/** What was answered before has to be acknowledged by another poll than this: A8 before 94 (SAS.md 6.1). */
const NEEDS_ACKNOWLEDGED: ReadonlySet<number> = new Set([RESET_HANDPAY.code]);

type Answered = Extract<Reply, { kind: 'ack' | 'data' }>;

/**
 * Sends the first of the machine's commands, three times at most, and nothing else on the line meanwhile: a machine
 * answers a repeated poll with its stored answer and does nothing twice.
 */
export async function runCommand(talk: Talk, machine: MachineState): Promise<void> {
  const command = nextCommand(machine);
  if (command === undefined) return;
  machine.commands.splice(machine.commands.indexOf(command), 1);
  const request = command.frame();
  let failure: CommandFailure = 'OFFLINE';
  let attempts = 0;
  let events = 0;
  let repeat = false;
  while (attempts < MOST_TRIES && events < MOST_EVENTS) {
    if (attempts + events > 0 && !(await awaitSlot(talk, machine))) break;
    if (machine.link !== 'ONLINE' || talk.exchange.isClosed) break;
    const resync = !repeat && NEEDS_ACKNOWLEDGED.has(command.code);
    if (command.reportOf) talk.memory.fetching = { address: machine.address, code: command.code };
    const reply = await askMachine(talk, machine, request, { repeat, resync });
    if (reply === null) {
      // It may have been heard all the same.
      attempts += 1;
      break;
    }
    if (reply.kind === 'ack' || reply.kind === 'data') {
      noteAnswer(machine);
      machine.answeredPolls.add(command.code);
      const isStored = await storeAnswer(talk, machine, { command, request, reply, attempts: attempts + 1 });
      if (isStored) finishAnswered(command, reply, attempts + 1);
      else command.abort();
      return;
    }
    // Once an answer was lost, nothing may come between: it would be acknowledged by that.
    repeat ||= reply.kind === 'silence' || reply.kind === 'damaged';
    if (await tookEvent(talk, machine, { request, reply })) {
      events += 1;
      if (repeat && command.reportOf) break;
    } else {
      attempts += 1;
      failure = failureOf(reply);
    }
  }
  // A poll that was answered with an event was sent, too.
  await giveUp(talk, machine, { command, failure, attempts: attempts + events });
}

function finishAnswered(command: Command, reply: Answered, attempts: number): void {
  if (reply.kind === 'ack') command.finish({ outcome: 'ACK', answer: null, attempts });
  else command.finish({ outcome: 'DATA', answer: reply.body, attempts });
}

/** Silence alone does not tell a machine that does not know the poll from one that is gone: a general poll does. */
async function giveUp(
  talk: Talk,
  machine: MachineState,
  { command, failure, attempts }: { command: Command; failure: CommandFailure; attempts: number },
): Promise<void> {
  if (talk.isStopping()) {
    command.abort();
    return;
  }
  if (command.reportOf && !talk.exchange.isClosed) talk.memory.fetching = null;
  if (failure === 'SILENT' && (await awaitSlot(talk, machine))) await pollGeneral(talk, machine);
  const isGone = talk.exchange.isClosed || machine.link !== 'ONLINE';
  command.finish({ outcome: isGone ? 'OFFLINE' : failure, attempts });
}

function failureOf(reply: Reply): CommandFailure {
  if (reply.kind === 'busy') return 'BUSY';
  if (reply.kind === 'nack') return 'NACK';
  return reply.kind === 'silence' ? 'SILENT' : 'DAMAGED';
}

/** Asks the next step of what is being found out about a machine. */
export async function runStep(talk: Talk, machine: MachineState): Promise<void> {
  const task = nextTask(machine);
  if (task === null) return;
  if (task === machine.identification) await askIdentity(talk, machine, machine.identification);
  else if (task === machine.reading) await askReading(talk, machine, machine.reading);
  else await askErrand(talk, machine);
}

async function askIdentity(talk: Talk, machine: MachineState, task: Identification): Promise<void> {
  await askStep(talk, machine, { task, mostTries: MOST_IDENTITY_TRIES });
  if (task.steps.length > 0 || machine.identification !== task) return;
  const { address } = machine;
  const identity = finishIdentification(machine, task);
  if (machine.reading) replanReading(machine, machine.reading, talk.meters);
  void talk.deliver({ kind: 'identity', address, at: talk.clock.date(), identity });
  if (task.isComing) fetchMoneyUnderWay(machine);
  if (task.isWhole) identifyGames(talk, machine);
}

async function askReading(talk: Talk, machine: MachineState, reading: Reading): Promise<void> {
  const unsupported = machine.unsupportedPolls.size;
  const gaveUp = await askStep(talk, machine, { task: reading, mostTries: MOST_TRIES });
  reading.isDamaged ||= gaveUp === 'DAMAGED';
  if (machine.reading !== reading) return;
  if (machine.unsupportedPolls.size > unsupported) replanReading(machine, reading, talk.meters);
  if (reading.steps.length === 0) reportReading(talk, machine);
}

async function askErrand(talk: Talk, machine: MachineState): Promise<void> {
  const [task] = machine.errands;
  if (task === undefined) return;
  await askStep(talk, machine, { task, mostTries: MOST_TRIES });
  // An errand asks the same of many games: what is unknown of one is unknown of all.
  task.steps = task.steps.filter(({ code }) => !machine.unsupportedPolls.has(code));
  if (task.steps.length > 0 || machine.errands[0] !== task) return;
  machine.errands.shift();
  task.finish();
}

function reportReading(talk: Talk, machine: MachineState): void {
  const { reading, address } = machine;
  if (reading === null) return;
  if (reading.scope === 'FULL') machine.sweepAtMs = talk.clock.nowMs() + talk.timing.meterIntervalMs;
  finishReading(machine, talk.meters);
  const tellWaiters = (read: MetersRead) => {
    for (const waiter of reading.waiters) waiter(read);
  };
  const { values, isDamaged } = reading;
  if (values.size === 0) {
    tellWaiters(isDamaged ? 'DAMAGED' : 'OFFLINE');
    return;
  }
  void talk
    .deliver({ kind: 'meters', address, at: talk.clock.date(), values })
    .then((isStored) => tellWaiters(isStored ? 'READ' : 'OFFLINE'));
}

/** Answers why it gave a step up, if it did. */
async function askStep(
  talk: Talk,
  machine: MachineState,
  { task, mostTries }: { task: Task; mostTries: number },
): Promise<'DAMAGED' | 'UNANSWERED' | null> {
  const step = task.steps[0];
  if (step === undefined) return null;
  const request = step.frame(machine.address);
  const reply = await askMachine(talk, machine, request, { repeat: false });
  if (reply === null || (await tookEvent(talk, machine, { request, reply }))) return null;
  if (accepts(step, reply)) {
    noteAnswer(machine);
    machine.answeredPolls.add(step.code);
    if (isQuiet(step.code)) machine.quietPoll = request;
    task.begun = true;
    nextStep(task);
    return null;
  }
  task.attempts += 1;
  const isDamaged = reply.kind === 'damaged';
  // What arrives damaged says nothing about what the machine knows.
  const isUnknown = !machine.answeredPolls.has(step.code) && reply.kind !== 'busy' && !isDamaged;
  const tries = reply.kind === 'silence' ? MOST_TRIES : mostTries;
  if (task.attempts < tries) return null;
  if (isUnknown) machine.unsupportedPolls.add(step.code);
  nextStep(task);
  return isDamaged ? 'DAMAGED' : 'UNANSWERED';
}

function nextStep(task: Task): void {
  task.steps.shift();
  task.attempts = 0;
}

function accepts(step: Step, reply: Reply): boolean {
  if (reply.kind !== 'ack' && reply.kind !== 'data') return false;
  try {
    step.accept(reply.kind === 'ack' ? null : reply.body);
    return true;
  } catch (error) {
    if (error instanceof SasDecodeError) return false;
    throw error;
  }
}
