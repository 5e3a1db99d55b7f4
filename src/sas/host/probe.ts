/** Looking for a machine that is not, or not yet, online (SAS.md 5.3). */
import { REAL_TIME_EVENTS } from '../codec/long-polls/control.ts';
import { encodeRequest } from '../codec/poll-table.ts';
import { pollGeneral } from './general-poll.ts';
import type { MachineState } from './machine-state.ts';
import { settleException } from './settle.ts';
import { quietPollOf } from './silent-line.ts';
import { askMachine, goOnline, noteAnswer, type Talk } from './talk.ts';

const SLOWEST_FACTOR = 5;
const JITTER = 0.1;
/** Every so many probes, a machine that may be in real-time mode is told to leave it. */
const REAL_TIME_EVERY = 3;

/**
 * Asks once.
 *
 * The first question to a machine that was in the middle of reporting something is a plain general poll, which it
 * answers by repeating that, and so is the first to one that nobody knows. A machine that is known is asked by a poll
 * that only reads: it may well hear what is not heard of it, and its answer to a general poll would be acknowledged by
 * the next poll to anybody else. Where it answers, what it has to tell is waited for as from one that is online. Later
 * questions begin with a poll to address 0, for which a machine that lost the line waits; on a line where nobody answers
 * they only read, too. A machine left in real-time mode by another host is silent when it has nothing to say; it does
 * take 0E.
 */
export async function probe(talk: Talk, machine: MachineState): Promise<void> {
  const number = machine.probes;
  machine.probes += 1;
  const isUnsettled = number === 0 && talk.memory.unsettled === machine.address;
  const { isBack: isExpected } = machine;
  const asked = number === 0 ? machine.quietPoll : quietPollOf(talk, machine);
  const quietPoll = isUnsettled || isExpected ? null : asked;
  if (number % REAL_TIME_EVERY === REAL_TIME_EVERY - 1) await askAside(talk, machine, leaveRealTime(machine));
  else if (quietPoll) await askAside(talk, machine, quietPoll);
  else await pollGeneral(talk, machine, { resync: number > 0, isExpected });
  if (machine.link === 'OFFLINE') machine.slotAtMs = talk.clock.nowMs() + intervalMs(talk, machine);
}

/** Slower and slower, but at once after a sign of life. */
function intervalMs({ timing, random }: Talk, machine: MachineState): number {
  if (machine.missed === 0) return timing.pollPeriodMs;
  const factor = Math.min(1 + machine.probes / 10, SLOWEST_FACTOR);
  return timing.probeIntervalMs * factor * (1 - JITTER + 2 * JITTER * random());
}

const leaveRealTime = ({ address }: MachineState): Uint8Array =>
  encodeRequest(REAL_TIME_EVENTS, address, { enabled: false });

/** By a long poll: a machine that answers it is asked what happened at once. */
async function askAside(talk: Talk, machine: MachineState, request: Uint8Array): Promise<void> {
  const reply = await askMachine(talk, machine, request, { repeat: false, resync: true });
  if (reply === null || reply.kind === 'silence' || reply.kind === 'damaged') return;
  noteAnswer(machine);
  machine.isBack = true;
  if (reply.kind !== 'exception') return;
  goOnline(talk, machine);
  await settleException(talk, machine, { request, reply });
}
