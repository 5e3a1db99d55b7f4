import { expect, test } from 'vitest';
import { type MachineState, newMachine } from '../../../src/sas/host/machine-state.ts';
import { DEFAULT_METERS } from '../../../src/sas/host/profiles.ts';
import { wantReading } from '../../../src/sas/host/readings.ts';
import { nextTurn } from '../../../src/sas/host/schedule.ts';

const NOW = 10_000;

function aMachine(address: number, change: Partial<MachineState> = {}): MachineState {
  return { ...newMachine(address, NOW), link: 'ONLINE', lastPollWasGeneral: true, ...change };
}

function wanting(machine: MachineState, urgent: boolean): MachineState {
  wantReading(machine, { scope: 'FAST', urgent }, DEFAULT_METERS);
  return machine;
}

const command = { code: 0x01, frame: () => Uint8Array.of(), finish: () => {}, abort: () => {} };

const turn = (...machines: MachineState[]) => {
  const next = nextTurn(machines, NOW);
  return next.turn === 'WAIT' ? `WAIT ${next.untilMs}` : `${next.turn} ${next.machine.address}`;
};

test('the machine that waits longest is next', () => {
  expect(turn(aMachine(1, { slotAtMs: NOW - 1 }), aMachine(2, { slotAtMs: NOW - 9 }), aMachine(3))).toBe(
    'GENERAL 2',
  );
});

test('nobody is polled before its time, and the wait ends with the first of them', () => {
  expect(turn(aMachine(1, { slotAtMs: NOW + 50 }), aMachine(2, { slotAtMs: NOW + 20 }))).toBe(
    `WAIT ${NOW + 20}`,
  );
});

test('a command goes before everything, but not before its machine may be polled', () => {
  const urgent = wanting(aMachine(1, { slotAtMs: NOW - 500 }), true);
  expect(turn(urgent, aMachine(2, { commands: [command] }))).toBe('COMMAND 2');
  expect(turn(urgent, aMachine(2, { commands: [command], slotAtMs: NOW + 1 }))).toBe('STEP 1');
});

test('a hurried read goes before general polls, a leisurely one behind those that are due', () => {
  expect(turn(wanting(aMachine(1), true), aMachine(2, { slotAtMs: NOW - 100 }))).toBe('STEP 1');
  expect(turn(wanting(aMachine(1), false), aMachine(2))).toBe('GENERAL 2');
});

test('a leisurely read is not put off for more than a second', () => {
  const late = wanting(aMachine(1, { slotAtMs: NOW - 1_001 }), false);
  expect(turn(late, aMachine(2))).toBe('STEP 1');
});

test('a leisurely read and general polls take turns', () => {
  expect(turn(wanting(aMachine(1, { lastPollWasGeneral: false }), false))).toBe('GENERAL 1');
  expect(turn(wanting(aMachine(1, { lastPollWasGeneral: true }), false))).toBe('STEP 1');
});

test('a read that got no answer is followed by a general poll, which tells whether the machine is there', () => {
  const stuck = wanting(aMachine(1, { lastPollWasGeneral: false }), true);
  if (stuck.reading) stuck.reading.attempts = 1;
  expect(turn(stuck)).toBe('GENERAL 1');
  stuck.lastPollWasGeneral = true;
  expect(turn(stuck)).toBe('STEP 1');
});

test('a machine that is not online is only looked for', () => {
  expect(turn(aMachine(1, { link: 'OFFLINE' }))).toBe('PROBE 1');
  expect(turn(aMachine(1, { link: 'UNKNOWN', commands: [command] }))).toBe('PROBE 1');
});

test('every one of many machines has its turn', () => {
  const machines = Array.from({ length: 32 }, (_, index) => aMachine(index + 1, { slotAtMs: NOW - index }));
  const seen = new Set<number>();
  for (let poll = 0; poll < 32; poll += 1) {
    const next = nextTurn(machines, NOW + poll);
    if (next.turn === 'WAIT') break;
    seen.add(next.machine.address);
    next.machine.slotAtMs = NOW + poll + 40;
  }
  expect(seen.size).toBe(32);
});
