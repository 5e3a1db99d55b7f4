/**
 * Who is still there on a line where nobody answers any more.
 *
 * To leave a machine that is silent takes long, because its answer may only have been lost, and the next poll to anybody
 * else would acknowledge that. Where a whole line is dead, that would be paid once for each machine. So when one was
 * left and nobody has answered since, the others are asked by polls that only read: whether they are heard or not, and
 * whether their answer arrives or not, an exception stays where it is.
 */
import { MACHINE_ID, SAS_VERSION } from '../codec/long-polls/identity.ts';
import { tookEvent } from './event-in-place.ts';
import { loseIfGone, SILENCES_UNTIL_LEFT } from './general-poll.ts';
import type { MachineState } from './machine-state.ts';
import { askMachine, noteAnswer, type Talk } from './talk.ts';

const QUIET_POLLS: ReadonlySet<number> = new Set([MACHINE_ID.code, SAS_VERSION.code]);

export const isQuiet = (code: number): boolean => QUIET_POLLS.has(code);

/** How a machine is to be asked whether it is there; null where it is to be asked as ever. */
export const quietPollOf = ({ exchange }: Talk, { quietPoll, hold }: MachineState): Uint8Array | null =>
  hold === null && exchange.silencesInRow >= SILENCES_UNTIL_LEFT ? quietPoll : null;

/** Asks an online machine once; the third silence in a row takes it offline. */
export async function askQuietly(talk: Talk, machine: MachineState, request: Uint8Array): Promise<void> {
  const reply = await askMachine(talk, machine, request, { repeat: false });
  if (reply === null || (await tookEvent(talk, machine, { request, reply }))) return;
  if (reply.kind !== 'silence' && reply.kind !== 'damaged') noteAnswer(machine);
  loseIfGone(talk, machine);
}
