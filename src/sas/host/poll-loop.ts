/** The loop of one open line: one thing at a time until the port closes or the host ends. */
import { pollGeneral } from './general-poll.ts';
import { runCommand, runStep } from './long-poll-talk.ts';
import type { MachineState } from './machine-state.ts';
import { probe } from './probe.ts';
import { wantReading } from './readings.ts';
import { nextTurn, type Turn } from './schedule.ts';
import { isOver, type Talk } from './talk.ts';

/** @param machines may change while the loop runs. */
export async function pollLine(talk: Talk, machines: ReadonlyMap<number, MachineState>): Promise<void> {
  begin(talk, machines);
  while (!isOver(talk)) {
    const now = talk.clock.nowMs();
    wantSweeps(talk, machines, now);
    const next = nextTurn(machines.values(), now);
    if (next.turn === 'WAIT') await talk.pace.wait(next.untilMs);
    else await takeTurn(talk, next.machine, next.turn);
  }
  // What was answered last is stored by now, unless it is marked as not: then the machine shall keep it.
  if (talk.memory.unsettled === null) talk.exchange.acknowledge();
}

/** The first poll acknowledges what was answered before the port closed: it goes to the machine that answered. */
function begin({ memory, clock }: Talk, machines: ReadonlyMap<number, MachineState>): void {
  const now = clock.nowMs();
  for (const machine of machines.values()) {
    machine.slotAtMs = now;
    // So that the first question is a plain general poll, whatever was asked before.
    machine.probes = 0;
    machine.hasGreeted = false;
  }
  const first = machines.get(memory.unsettled ?? [...memory.stored.keys()].at(-1) ?? 0);
  if (first) first.slotAtMs = now - 1;
}

function wantSweeps(talk: Talk, machines: ReadonlyMap<number, MachineState>, now: number): void {
  for (const machine of machines.values()) {
    if (machine.link !== 'ONLINE' || machine.reading !== null || now < machine.sweepAtMs) continue;
    machine.sweepAtMs = now + talk.timing.meterIntervalMs;
    wantReading(machine, { scope: 'FULL', urgent: false }, talk.meters);
  }
}

async function takeTurn(talk: Talk, machine: MachineState, turn: Turn): Promise<void> {
  if (turn === 'PROBE') await probe(talk, machine);
  else if (turn === 'COMMAND') await runCommand(talk, machine);
  else if (turn === 'STEP') await runStep(talk, machine);
  else await pollGeneral(talk, machine);
}
