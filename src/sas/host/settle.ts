/** From a machine that reports something to a machine that may forget it (SAS.md 5.1 and 14 item 1). */
import { exceptionCode, isIdle } from '../codec/exceptions.ts';
import type { Reply } from '../codec/frame.ts';
import { fetchAfter } from './fetches.ts';
import { startGameIdentification, startIdentification } from './identity.ts';
import type { MachineState } from './machine-state.ts';
import { READ_AFTER } from './profiles.ts';
import { wantReading } from './readings.ts';
import type { HostReport } from './report.ts';
import { askMachine, awaitSlot, isOver, type Talk } from './talk.ts';

export type ExceptionReply = Extract<Reply, { kind: 'exception' }>;
export type SignatureReply = Extract<Reply, { kind: 'signature' }>;

/** What a machine reported, and the request it answered with it. */
export interface Reported {
  readonly request: Uint8Array;
  readonly reply: ExceptionReply;
}

/**
 * Has an exception stored, and only then acknowledged.
 *
 * While it waits, nothing is sent that acknowledges: at most the same request again, which asks for a repetition and
 * tells the machines on this line that somebody is there.
 */
export async function settleException(talk: Talk, machine: MachineState, reported: Reported): Promise<void> {
  const { memory } = talk;
  const { address } = machine;
  const { code } = reported.reply;
  if (isIdle(code)) {
    // An event that nothing happened, as some machines send it in real-time mode, is nothing to store.
    await talk.exchange.acknowledge();
    return;
  }
  memory.unsettled = address;
  const isRepeated = memory.stored.get(address) === code;
  let isTold = true;
  if (!isRepeated) {
    if (!(await storeException(talk, machine, reported))) return;
    talk.counters.exceptions += 1;
    isTold = await waitsStill(talk, machine, reported);
  }
  if (!(await acknowledge(talk))) isTold = false;
  // Another code says that the one before was acknowledged.
  memory.stored.delete(address);
  if (!isTold) memory.stored.set(address, code);
  memory.unsettled = null;
  if (isTold) talk.acknowledged(address);
  if (!isRepeated) reactTo(talk, machine, code);
}

/** Has a ROM signature stored, and only then acknowledged. */
export async function settleSignature(
  talk: Talk,
  machine: MachineState,
  { request, reply }: { readonly request: Uint8Array; readonly reply: SignatureReply },
): Promise<void> {
  const { address, signatureSeed: seed } = machine;
  const { signature } = reply;
  talk.memory.unsettled = address;
  const report: HostReport = { kind: 'signature', address, at: talk.clock.date(), signature, seed };
  if (!(await store(talk, machine, { request, report }))) return;
  await acknowledge(talk);
  talk.memory.unsettled = null;
}

function storeException(talk: Talk, machine: MachineState, { request, reply }: Reported): Promise<boolean> {
  const { code, data, realTime } = reply;
  const { address } = machine;
  const at = talk.clock.date();
  const report: HostReport = { kind: 'exception', address, at, code, data, realTime };
  return store(talk, machine, { request, report });
}

/** Until the report is taken, nothing is sent but the same request. False when it was given up. */
export async function store(
  talk: Talk,
  machine: MachineState,
  { request, report }: { readonly request: Uint8Array; readonly report: HostReport },
): Promise<boolean> {
  let isPending = true;
  const delivery = talk.deliver(report).finally(() => {
    isPending = false;
    talk.pace.wake();
  });
  const isWaiting = () => isPending && !isOver(talk);
  while (isWaiting()) {
    const nextMs = talk.clock.nowMs() + talk.timing.keepaliveMs;
    while (isWaiting() && talk.clock.nowMs() < nextMs) await talk.pace.wait(nextMs);
    if (isWaiting()) await askMachine(talk, machine, request, { repeat: true });
  }
  return await delivery;
}

/**
 * Whether the machine can be told that its exception arrived. It cannot when the port is closed, nor when it dropped
 * the link, as it does after 30 s without an acknowledgement: then it is silent, and reports the same anew later.
 */
export async function waitsStill(
  talk: Talk,
  machine: MachineState,
  { request }: { readonly request: Uint8Array },
): Promise<boolean> {
  while (machine.missed > 0 && machine.missed < talk.timing.missedPollsUntilOffline) {
    if (!(await awaitSlot(talk, machine))) break;
    await askMachine(talk, machine, request, { repeat: true });
  }
  return machine.missed === 0 && !talk.exchange.isClosed;
}

/**
 * Tells the machine that what it said is stored. False when that will not be heard: the port closed before it left, or
 * the host ends and the port would not send it.
 */
export async function acknowledge(talk: Talk): Promise<boolean> {
  while (!(await talk.exchange.acknowledge())) {
    if (isOver(talk)) return false;
    await talk.pace.wait(talk.clock.nowMs() + talk.timing.keepaliveMs);
  }
  return true;
}

const IDENTIFY_AFTER = new Set([exceptionCode('OPTIONS_CHANGED'), exceptionCode('ENABLED_GAMES_CHANGED')]);
const GAME_SELECTED = exceptionCode('GAME_SELECTED');

function reactTo(talk: Talk, machine: MachineState, code: number): void {
  fetchAfter(machine, code);
  if (machine.link !== 'ONLINE') return;
  if (IDENTIFY_AFTER.has(code)) startIdentification(machine, { isComing: false });
  if (code === GAME_SELECTED) startGameIdentification(machine);
  const scope = READ_AFTER.get(code);
  if (scope) wantReading(machine, { scope, urgent: true }, talk.meters);
}
