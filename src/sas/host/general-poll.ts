/** The general poll: what happened at a machine, without losing any of it. */
import { EXCEPTIONS, isIdle } from '../codec/exceptions.ts';
import { generalPoll, type Reply } from '../codec/frame.ts';
import type { AskOptions } from './exchange.ts';
import type { MachineState } from './machine-state.ts';
import type { OfflineCause } from './report.ts';
import { type ExceptionReply, type SignatureReply, settleException, settleSignature } from './settle.ts';
import { askMachine, awaitSlot, goOffline, goOnline, noteAnswer, type Talk } from './talk.ts';

/** How often in a row a machine is asked that is not online: it may well be noise that answers. */
const TRIES_OF_A_STRANGER = 3;
/**
 * How many silences in a row it takes to leave a machine that was online. It is said to be offline earlier, but a
 * silence may as well be its answer that was lost, and the first poll to anybody else would acknowledge that. Who is
 * silent behind it on a dead line is asked otherwise (`silent-line.ts`).
 */
export const SILENCES_UNTIL_LEFT = 10;

/**
 * Asks a machine what happened, until its answer is understood and stored or the machine is certainly not there.
 *
 * An answer that was lost or damaged is asked for again before anybody else on the line hears a poll, because any
 * other poll would acknowledge it (SAS.md 5.1). The same poll again acknowledges nothing, and its address keeps the
 * others from dropping the link, which a rest of the line would not: they would return tickets and end locks (5.5).
 *
 * @param how.isExpected whether a machine that is not online is waited for like one that is
 */
export async function pollGeneral(
  talk: Talk,
  machine: MachineState,
  { isExpected = false, ...how }: Partial<AskOptions> & { readonly isExpected?: boolean } = {},
): Promise<void> {
  const request = generalPoll(machine.address);
  const isStranger = machine.link !== 'ONLINE' && !machine.hasGreeted && !isExpected;
  let heard: number | null = null;
  let silences = 0;
  for (let tries = 1; ; tries += 1) {
    talk.memory.unsettled = machine.address;
    const reply = await askMachine(talk, machine, request, { repeat: tries > 1, ...(tries === 1 && how) });
    if (reply === null) return;
    if (isTelling(reply) && isBelieved(talk, machine, { reply, heard }))
      return await take(talk, machine, { request, reply });
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
    silences = reply.kind === 'silence' ? silences + 1 : 0;
    const isLost = loseIfGone(talk, machine);
    const isInVain = isStranger
      ? silences === tries || tries >= TRIES_OF_A_STRANGER
      : isLost === 'DAMAGED' || silences >= SILENCES_UNTIL_LEFT;
    if (isInVain) {
      machine.hasGreeted = false;
      machine.isBack = false;
      if (isStranger) talk.memory.unsettled = null;
      return;
    }
    if (!(await awaitSlot(talk, machine))) return;
  }
}

type TellingReply = ExceptionReply | SignatureReply;

const isTelling = (reply: Reply): reply is TellingReply =>
  reply.kind === 'exception' || reply.kind === 'signature';

/** A lone byte has no CRC: where there is reason for doubt it counts when it comes twice in a row. */
function isBelieved(
  talk: Talk,
  machine: MachineState,
  { reply, heard }: { readonly reply: TellingReply; readonly heard: number | null },
): boolean {
  if (reply.kind === 'signature' || reply.realTime) return true;
  return reply.code === heard || !isDoubtful(talk, machine, reply.code);
}

async function take(
  talk: Talk,
  machine: MachineState,
  { request, reply }: { readonly request: Uint8Array; readonly reply: TellingReply },
): Promise<void> {
  noteAnswer(machine);
  goOnline(talk, machine);
  if (reply.kind === 'signature') return await settleSignature(talk, machine, { request, reply });
  if (!isIdle(reply.code)) return await settleException(talk, machine, { request, reply });
  talk.memory.unsettled = null;
  // It has nothing to report, so it holds nothing either.
  if (talk.memory.stored.delete(machine.address)) talk.acknowledged(machine.address);
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

/** Why an online machine is offline now, if it is. */
export function loseIfGone(talk: Talk, machine: MachineState): OfflineCause | null {
  const { missedPollsUntilOffline, damagedUntilOfflineMs } = talk.timing;
  const { missed, damagedSinceMs } = machine;
  let cause: OfflineCause | null = null;
  if (missed >= missedPollsUntilOffline) cause = 'SILENT';
  else if (damagedSinceMs !== null && talk.clock.nowMs() - damagedSinceMs >= damagedUntilOfflineMs)
    cause = 'DAMAGED';
  if (cause !== null) goOffline(talk, machine, cause);
  return cause;
}
