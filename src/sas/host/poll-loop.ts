/** The loop of one open line: one thing at a time until the port closes or the host ends. */
import type { Broadcast } from './broadcasts.ts';
import { resumeFetch, runFetch } from './fetch-talk.ts';
import { pollGeneral } from './general-poll.ts';
import { runCommand, runStep } from './long-poll-talk.ts';
import { LoopWatch } from './loop-watch.ts';
import { wantClock } from './machine-clock.ts';
import type { MachineState } from './machine-state.ts';
import { probe } from './probe.ts';
import { wantReading } from './readings.ts';
import { LEISURE_MS, type NextTurn, nextTurn, type Turn } from './schedule.ts';
import { askQuietly, quietPollOf } from './silent-line.ts';
import { isOver, type Talk } from './talk.ts';

type Machines = ReadonlyMap<number, MachineState>;

/** @param machines may change while the loop runs. */
export async function pollLine(talk: Talk, machines: Machines): Promise<void> {
  begin(talk, machines);
  await resumeFetch(talk, machines);
  const loop = new LoopWatch(talk);
  while (!isOver(talk)) {
    loop.look(machines);
    const now = talk.clock.nowMs();
    wantSweeps(talk, machines, now);
    wantClocks(talk, machines, now);
    const broadcast = talk.broadcasts.take(now);
    const next = nextTurn(machines.values(), now);
    if (broadcast) await say(talk, broadcast);
    else if (mayScan(talk, next, now)) await talk.scan.askNext(talk, (address) => machines.has(address));
    else if (next.turn === 'WAIT') await talk.pace.wait(untilMs(talk, next.untilMs));
    else await takeTurn(talk, next.machine, next.turn);
  }
  // What was answered last is stored by now, unless it is marked as not: then the machine shall keep it.
  if (talk.memory.unsettled === null && talk.memory.fetching === null) void talk.exchange.acknowledge();
}

/** The first poll acknowledges what was answered before the port closed: it goes to the machine that answered. */
function begin({ memory, clock }: Talk, machines: Machines): void {
  const now = clock.nowMs();
  for (const machine of machines.values()) {
    machine.slotAtMs = now;
    // So that the first question is that of a line just opened, whatever was asked before.
    machine.probes = 0;
    machine.hasGreeted = false;
    machine.isBack = machine.address === memory.unsettled;
  }
  const first = machines.get(memory.unsettled ?? [...memory.stored.keys()].at(-1) ?? 0);
  if (first) first.slotAtMs = now - 1;
}

function wantSweeps(talk: Talk, machines: Machines, now: number): void {
  for (const machine of machines.values()) {
    if (machine.link !== 'ONLINE' || machine.reading !== null || now < machine.sweepAtMs) continue;
    machine.sweepAtMs = now + talk.timing.meterIntervalMs;
    wantReading(machine, { scope: 'FULL', urgent: false }, talk.meters);
  }
}

function wantClocks(talk: Talk, machines: Machines, now: number): void {
  if (talk.localTime === null) return;
  for (const machine of machines.values()) {
    if (machine.link !== 'ONLINE' || now < machine.clockAtMs) continue;
    machine.clockAtMs = now + talk.timing.clockIntervalMs;
    wantClock(talk, machine, talk.localTime);
  }
}

/** A scan takes the gaps between polls; where there are none, it waits as long as other leisurely things. */
const mayScan = ({ scan }: Talk, { turn }: NextTurn, now: number): boolean =>
  now >= scan.nextAtMs + (turn === 'WAIT' ? 0 : LEISURE_MS);

const untilMs = ({ broadcasts, scan }: Talk, machinesMs: number): number =>
  Math.min(machinesMs, broadcasts.nextAtMs(), scan.nextAtMs);

async function say(talk: Talk, broadcast: Broadcast): Promise<void> {
  const sent = await talk.exchange.broadcast(broadcast.frame());
  broadcast.done(sent);
}

async function takeTurn(talk: Talk, machine: MachineState, turn: Turn): Promise<void> {
  const quietPoll = quietPollOf(talk, machine);
  if (turn === 'PROBE') await probe(talk, machine);
  else if (quietPoll) await askQuietly(talk, machine, quietPoll);
  else if (turn === 'FETCH') await runFetch(talk, machine);
  else if (turn === 'COMMAND') await runCommand(talk, machine);
  else if (turn === 'STEP') await runStep(talk, machine);
  else await pollGeneral(talk, machine);
}
