/** Fetching what a machine forgets once it hears that it arrived (SAS.md 5.1 and 14 item 1). */
import { SasDecodeError } from '../codec/decode-error.ts';
import type { Reply } from '../codec/frame.ts';
import { AFT_TRANSFER } from '../codec/long-polls/aft-transfer.ts';
import { MOST_EVENTS, tookEvent } from './event-in-place.ts';
import { fetchTransfer } from './fetches.ts';
import { pollGeneral } from './general-poll.ts';
import { MOST_TRIES } from './long-poll-talk.ts';
import { type DueFetch, type Fetch, type Heard, type MachineState, nextFetch } from './machine-state.ts';
import type { HostReport } from './report.ts';
import { acknowledge, store, waitsStill } from './settle.ts';
import { askMachine, awaitSlot, noteAnswer, type Talk } from './talk.ts';

/** A fetch nobody can make sense of is left alone after so many rounds of tries. */
const MOST_ROUNDS = 10;
const NEXT_ROUND_MS = 1_000;

/**
 * Asks, has the answer stored and acknowledges it: three tries at most, and nothing else on the line meanwhile,
 * because any other poll would acknowledge an answer that was lost.
 */
export async function runFetch(talk: Talk, machine: MachineState): Promise<void> {
  const due = nextFetch(machine, talk.clock.nowMs());
  if (due !== undefined) await fetchNow(talk, machine, { due, repeat: false });
}

/**
 * Asks again what was asked when the port closed, so that the machine does not take it for told. For a transfer that is
 * an interrogation, whoever asked what: the machine takes it for the same poll.
 */
export async function resumeFetch(talk: Talk, machines: ReadonlyMap<number, MachineState>): Promise<void> {
  const { fetching } = talk.memory;
  const machine = machines.get(fetching?.address ?? 0);
  if (machine && fetching?.code === AFT_TRANSFER.code) fetchTransfer(machine);
  const due = machine?.due.find(({ fetch }) => fetch.code === fetching?.code);
  if (machine && due) await fetchNow(talk, machine, { due, repeat: true });
  else talk.memory.fetching = null;
}

async function fetchNow(
  talk: Talk,
  machine: MachineState,
  { due, repeat: isRepetition }: { readonly due: DueFetch; readonly repeat: boolean },
): Promise<void> {
  const { code, frame: request } = due.fetch;
  let repeat = isRepetition;
  let failure: Reply['kind'] = 'silence';
  for (let tries = 0, events = 0; tries < MOST_TRIES && events < MOST_EVENTS; ) {
    if (tries + events > 0 && !(await awaitSlot(talk, machine))) return;
    talk.memory.fetching = { address: machine.address, code };
    const reply = await askMachine(talk, machine, request, { repeat });
    if (reply === null) return;
    if (reply.kind === 'data') {
      const heard = { at: talk.clock.date(), attempts: tries + 1, isResumed: isRepetition };
      return await settleFetch(talk, machine, { due, body: reply.body, heard });
    }
    repeat = reply.kind === 'silence' || reply.kind === 'damaged';
    if (await tookEvent(talk, machine, { request, reply })) events += 1;
    else {
      tries += 1;
      failure = reply.kind;
    }
  }
  talk.memory.fetching = null;
  await putOff(talk, machine, { due, failure });
}

interface Fetched {
  readonly due: DueFetch;
  readonly body: Uint8Array;
  readonly heard: Heard;
}

async function settleFetch(talk: Talk, machine: MachineState, { due, body, heard }: Fetched): Promise<void> {
  const { memory, exchange } = talk;
  const request = due.fetch.frame;
  noteAnswer(machine);
  machine.answeredPolls.add(due.fetch.code);
  const report = isSame(due.stored, body) ? null : readReport(due.fetch, body, heard);
  if (report !== null) {
    if (!(await store(talk, machine, { request, report }))) return;
    due.stored = body;
    if (!(await waitsStill(talk, machine, { request }))) {
      if (!exchange.isClosed) memory.fetching = null;
      return;
    }
  }
  if (!(await acknowledge(talk))) return;
  memory.fetching = null;
  talk.fetched(machine.address, due.fetch.code);
  forget(machine, due);
}

/** Null also for an answer that is whole and yet makes no sense: asking again would bring the same. */
export function readReport(
  { reportOf }: Pick<Fetch, 'reportOf'>,
  body: Uint8Array,
  heard: Heard,
): HostReport | null {
  try {
    return reportOf(body, heard);
  } catch (error) {
    if (error instanceof SasDecodeError) return null;
    throw error;
  }
}

const isSame = (stored: Uint8Array | null, body: Uint8Array): boolean =>
  stored !== null && stored.length === body.length && stored.every((byte, at) => byte === body[at]);

/** Silence alone does not tell a machine that does not know the poll from one that is gone: a general poll does. */
async function putOff(
  talk: Talk,
  machine: MachineState,
  { due, failure }: { due: DueFetch; failure: Reply['kind'] },
): Promise<void> {
  due.attempts += 1;
  due.notBeforeMs = talk.clock.nowMs() + NEXT_ROUND_MS;
  if (due.attempts >= MOST_ROUNDS) forget(machine, due);
  if (failure !== 'silence' || !(await awaitSlot(talk, machine))) return;
  await pollGeneral(talk, machine);
  if (machine.link !== 'ONLINE' || machine.answeredPolls.has(due.fetch.code)) return;
  machine.unsupportedPolls.add(due.fetch.code);
  forget(machine, due);
}

function forget(machine: MachineState, due: DueFetch): void {
  const at = machine.due.indexOf(due);
  if (at >= 0) machine.due.splice(at, 1);
}
