/** Long polls: commands somebody waits for, and the steps of identification and meter reading. */
import { SasDecodeError } from '../codec/decode-error.ts';
import type { Reply } from '../codec/frame.ts';
import { pollGeneral } from './general-poll.ts';
import { finishIdentification } from './identity.ts';
import type { Command, CommandFailure, MachineState, Step, Task } from './machine-state.ts';
import { finishReading, replanReading } from './readings.ts';
import { settleException } from './settle.ts';
import { askMachine, awaitSlot, noteAnswer, type Talk } from './talk.ts';

/** One poll and two repeats (SAS.md 5.1). */
const MOST_TRIES = 3;
/** Events that come in place of an answer do not count as tries, but there is an end to them too. */
const MOST_EVENTS = 20;
/** What a machine is asks to be known: a damaged answer is asked for more often than a meter. */
const MOST_IDENTITY_TRIES = 10;

type Answered = Extract<Reply, { kind: 'ack' | 'data' }>;

/**
 * Sends the first of the machine's commands, three times at most, and nothing else on the line meanwhile: a machine
 * answers a repeated poll with its stored answer and does nothing twice.
 */
export async function runCommand(talk: Talk, machine: MachineState): Promise<void> {
  const command = machine.commands.shift();
  if (command === undefined) return;
  let failure: CommandFailure = 'OFFLINE';
  let attempts = 0;
  let repeat = false;
  for (let events = 0; attempts < MOST_TRIES && events < MOST_EVENTS; ) {
    if (attempts + events > 0 && !(await awaitSlot(talk, machine))) break;
    const reply = await askMachine(talk, machine, command.frame, { repeat });
    if (reply === null) break;
    if (reply.kind === 'ack' || reply.kind === 'data') {
      noteAnswer(machine);
      machine.answeredPolls.add(command.code);
      finishAnswered(command, reply, attempts + 1);
      return;
    }
    repeat = reply.kind === 'silence' || reply.kind === 'damaged';
    if (await tookEvent(talk, machine, { request: command.frame, reply })) events += 1;
    else {
      attempts += 1;
      failure = failureOf(reply);
    }
  }
  await giveUp(talk, machine, { command, failure, attempts });
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
  if (failure === 'SILENT' && (await awaitSlot(talk, machine))) await pollGeneral(talk, machine);
  const isGone = talk.exchange.isClosed || machine.link !== 'ONLINE';
  command.finish({ outcome: isGone ? 'OFFLINE' : failure, attempts });
}

function failureOf(reply: Reply): CommandFailure {
  if (reply.kind === 'busy') return 'BUSY';
  if (reply.kind === 'nack') return 'NACK';
  return reply.kind === 'silence' ? 'SILENT' : 'DAMAGED';
}

/** An event in place of an answer: the poll was not executed (SAS.md 9.2). It is asked again behind another poll. */
async function tookEvent(
  talk: Talk,
  machine: MachineState,
  { request, reply }: { request: Uint8Array; reply: Reply },
): Promise<boolean> {
  if (reply.kind === 'exception') {
    noteAnswer(machine);
    await settleException(talk, machine, { request, reply });
    return true;
  }
  return reply.kind === 'signature';
}

/** Asks the next step of what is being found out about a machine: its identity, then its meters. */
export async function runStep(talk: Talk, machine: MachineState): Promise<void> {
  const { identification, reading } = machine;
  if (identification) {
    await askStep(talk, machine, { task: identification, mostTries: MOST_IDENTITY_TRIES });
    if (identification.steps.length === 0 && machine.identification === identification) {
      const identity = finishIdentification(machine, identification);
      if (machine.reading) replanReading(machine, machine.reading, talk.meters);
      const { address } = machine;
      void talk.deliver({ kind: 'identity', address, at: talk.clock.date(), identity });
    }
  } else if (reading) {
    const unsupported = machine.unsupportedPolls.size;
    await askStep(talk, machine, { task: reading, mostTries: MOST_TRIES });
    if (machine.reading !== reading) return;
    if (machine.unsupportedPolls.size > unsupported) replanReading(machine, reading, talk.meters);
    if (reading.steps.length === 0) reportReading(talk, machine);
  }
}

function reportReading(talk: Talk, machine: MachineState): void {
  const { reading, address } = machine;
  if (reading === null) return;
  if (reading.scope === 'FULL') machine.sweepAtMs = talk.clock.nowMs() + talk.timing.meterIntervalMs;
  finishReading(machine, talk.meters);
  const tellWaiters = (read: boolean) => {
    for (const waiter of reading.waiters) waiter(read);
  };
  if (reading.values.size === 0) tellWaiters(false);
  else {
    const { values } = reading;
    void talk.deliver({ kind: 'meters', address, at: talk.clock.date(), values }).then(tellWaiters);
  }
}

async function askStep(
  talk: Talk,
  machine: MachineState,
  { task, mostTries }: { task: Task; mostTries: number },
): Promise<void> {
  const step = task.steps[0];
  if (step === undefined) return;
  const request = step.frame(machine.address);
  const reply = await askMachine(talk, machine, request, { repeat: false });
  if (reply === null || (await tookEvent(talk, machine, { request, reply }))) return;
  if (accepts(step, reply)) {
    noteAnswer(machine);
    machine.answeredPolls.add(step.code);
    task.begun = true;
    nextStep(task);
    return;
  }
  task.attempts += 1;
  const isUnknown = !machine.answeredPolls.has(step.code) && reply.kind !== 'busy';
  const tries = reply.kind === 'silence' ? MOST_TRIES : mostTries;
  if (task.attempts < tries) return;
  if (isUnknown) machine.unsupportedPolls.add(step.code);
  nextStep(task);
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
