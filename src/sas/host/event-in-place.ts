/** What a machine in real-time mode may answer instead of what it was asked (SAS.md 9.2). */
import type { Reply } from '../codec/frame.ts';
import { pollGeneral } from './general-poll.ts';
import type { MachineState } from './machine-state.ts';
import { settleException, settleSignature } from './settle.ts';
import { awaitSlot, noteAnswer, type Talk } from './talk.ts';

/** Events do not count as tries of a poll, but there is an end to them too. */
export const MOST_EVENTS = 20;

/**
 * True for an event or a signature in place of an answer: the poll was not executed. What came is settled, and a
 * general poll follows, because the same poll at once would ask for the event again.
 */
export async function tookEvent(
  talk: Talk,
  machine: MachineState,
  { request, reply }: { readonly request: Uint8Array; readonly reply: Reply },
): Promise<boolean> {
  if (reply.kind !== 'exception' && reply.kind !== 'signature') return false;
  noteAnswer(machine);
  if (reply.kind === 'exception') await settleException(talk, machine, { request, reply });
  else await settleSignature(talk, machine, { request, reply });
  if (await awaitSlot(talk, machine)) await pollGeneral(talk, machine);
  return true;
}
