/** Answers to commands that the machine may not forget before they are on record (SAS.md 10.6). */
import type { Reply } from '../codec/frame.ts';
import { readReport } from './fetch-talk.ts';
import type { Command, MachineState } from './machine-state.ts';
import { acknowledge, store, waitsStill } from './settle.ts';
import type { Talk } from './talk.ts';

interface Answered {
  readonly command: Command;
  readonly request: Uint8Array;
  readonly reply: Extract<Reply, { kind: 'ack' | 'data' }>;
  readonly attempts: number;
}

/**
 * Has the answer stored where it has to be, and then acknowledged: nothing else is said on the line meanwhile. False
 * when the host ends before; the machine is not told then.
 */
export async function storeAnswer(
  talk: Talk,
  machine: MachineState,
  { command, request, reply, attempts }: Answered,
): Promise<boolean> {
  if (command.reportOf === null) return true;
  const heard = { at: talk.clock.date(), attempts, isResumed: false };
  const report = reply.kind === 'data' ? readReport({ reportOf: command.reportOf }, reply.body, heard) : null;
  if (report !== null) {
    if (!(await store(talk, machine, { request, report }))) return false;
    await waitsStill(talk, machine, { request });
  }
  if (await acknowledge(talk)) talk.memory.fetching = null;
  return true;
}
