/** The general poll: what happened at a machine, without losing any of it. */
import { EXCEPTIONS, isIdle } from '../codec/exceptions.ts';
import { generalPoll, type Reply } from '../codec/frame.ts';
import type { AskOptions } from './exchange.ts';
import type { MachineState } from './machine-state.ts';
import { type ExceptionReply, settleException, settleSignature } from './settle.ts';
import { askMachine, awaitSlot, goOffline, goOnline, noteAnswer, type Talk } from './talk.ts';

/** How often in a row a machine is asked that is not online: it may well be noise that answers. */
const TRIES_OF_A_STRANGER = 3;

/**
 * Asks a machine what happened, until its answer is understood and stored or the machine counts as offline.
 *
 * An answer that was lost or damaged is asked for again before anybody else on the line hears a poll, because any
 * other poll would acknowledge it (SAS.md 5.1).
 */
export async function pollGeneral(
  talk: Talk,
  machine: MachineState,
  how: Partial<AskOptions> = {},
): Promise<void> {
  const request = generalPoll(machine.address);
  let heard: number | null = null;
  for (let tries = 1; ; tries += 1) {
    talk.memory.unsettled = machine.address;
    const reply = await askMachine(talk, machine, request, { repeat: tries > 1, ...(tries === 1 && how) });
    if (reply === null) return;
    if (
      reply.kind === 'signature' ||
      (reply.kind === 'exception' && isBelieved(talk, machine, reply, heard))
    ) {
      noteAnswer(machine);
      goOnline(talk, machine);
      if (reply.kind === 'signature') await settleSignature(talk, machine, { request, reply });
      else if (!isIdle(reply.code)) await settleException(talk, machine, { request, reply });
      else {
        talk.memory.unsettled = null;
        // It has nothing to report, so it holds nothing either.
        if (talk.memory.stored.delete(machine.address)) talk.acknowledged(machine.address);
      }
      return;
    }
    if (isGreeting(machine, reply)) {
      talk.memory.unsettled = null;
      return;
    }
    // Two different codes in a row are noise, or one of them was damaged.
    if (heard !== null) {
      machine.damagedSinceMs ??= talk.clock.nowMs();
      talk.exchange.noteTrouble();
    }
    heard = reply.kind === 'exception' ? reply.code : null;
    if (isLost(talk, machine, tries)) return;
    if (!(await awaitSlot(talk, machine))) return;
  }
}

/** A lone byte has no CRC: where there is reason for doubt it counts when it comes twice in a row. */
function isBelieved(talk: Talk, machine: MachineState, reply: ExceptionReply, heard: number | null): boolean {
  return reply.realTime || reply.code === heard || !isDoubtful(talk, machine, reply.code);
}

function isDoubtful(talk: Talk, machine: MachineState, code: number): boolean {
  if (machine.link !== 'ONLINE') return !(isIdle(code) && machine.hasGreeted);
  return !isIdle(code) && (!EXCEPTIONS.has(code) || talk.exchange.isTroubled(talk.timing.suspicionMs));
}

/** A stranger with nothing to tell can be asked again in its turn: there is nothing that could be lost meanwhile. */
function isGreeting(machine: MachineState, reply: Reply): boolean {
  if (machine.link === 'ONLINE') return false;
  machine.hasGreeted = reply.kind === 'exception' && isIdle(reply.code);
  return machine.hasGreeted;
}

/** Whether asking on is in vain; an online machine is offline then. */
function isLost(talk: Talk, machine: MachineState, tries: number): boolean {
  const { missedPollsUntilOffline, damagedUntilOfflineMs } = talk.timing;
  const isSilent = machine.missed >= missedPollsUntilOffline;
  const { damagedSinceMs } = machine;
  const isNoise = damagedSinceMs !== null && talk.clock.nowMs() - damagedSinceMs >= damagedUntilOfflineMs;
  if (machine.link !== 'ONLINE') {
    const isGivenUp = machine.missed > 0 || tries >= TRIES_OF_A_STRANGER;
    if (isGivenUp) talk.memory.unsettled = null;
    if (isSilent || isNoise) goOffline(talk, machine, isSilent ? 'SILENT' : 'DAMAGED');
    return isGivenUp;
  }
  if (isSilent || isNoise) goOffline(talk, machine, isSilent ? 'SILENT' : 'DAMAGED');
  return isSilent || isNoise;
}
