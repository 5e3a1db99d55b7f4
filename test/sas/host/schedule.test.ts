import { expect, test } from 'vitest';
import { type DueFetch, type MachineState, newMachine } from '../../../src/sas/host/machine-state.ts';
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

const command = {
  code: 0x01,
  goesFirst: false,
  frame: () => Uint8Array.of(),
  reportOf: null,
  finish: () => {},
  abort: () => {},
};

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

const fetched = (urgent: boolean, change: Partial<DueFetch> = {}): DueFetch => ({
  fetch: { code: 0x1b, frame: Uint8Array.of(), urgent, reportOf: () => null },
  stored: null,
  attempts: 0,
  notBeforeMs: 0,
  ...change,
});

test('what an exception announced is fetched before commands, whoever they are for', () => {
  const hurried = aMachine(1, { due: [fetched(true)], commands: [command] });
  expect(turn(hurried, aMachine(2, { commands: [command], slotAtMs: NOW - 1_000 }))).toBe('FETCH 1');
});

test('a fetch that was put off waits', () => {
  expect(turn(aMachine(1, { due: [fetched(true, { notBeforeMs: NOW + 1 })] }))).toBe('GENERAL 1');
});

test('a fetch that nobody announced takes turns with general polls', () => {
  expect(turn(aMachine(1, { due: [fetched(false)] }))).toBe('FETCH 1');
  expect(turn(aMachine(1, { due: [fetched(false)], lastPollWasGeneral: false }))).toBe('GENERAL 1');
});

test('a machine that has waited two seconds goes before whatever others hurry with', () => {
  const busy = [1, 2, 3].map((address) => aMachine(address, { commands: [command], due: [fetched(true)] }));
  expect(turn(...busy, aMachine(9, { slotAtMs: NOW - 1_999 }))).toBe('FETCH 1');
  expect(turn(...busy, aMachine(9, { slotAtMs: NOW - 2_000 }))).toBe('GENERAL 9');
});

test('machines that are not there give way to those that are', () => {
  const away = aMachine(1, { link: 'OFFLINE', slotAtMs: NOW - 500 });
  expect(turn(away, aMachine(2))).toBe('GENERAL 2');
  expect(turn({ ...away, slotAtMs: NOW - 1_001 }, aMachine(2))).toBe('PROBE 1');
});

test('a poll without a twin has a general poll before its like, and no other', () => {
  const asking = (code: number) => ({ ...command, code });
  const after = (lastCode: number | null, code: number) =>
    turn(aMachine(1, { commands: [asking(code)], lastCode, lastPollWasGeneral: lastCode === null }));
  expect(after(0x50, 0x50)).toBe('GENERAL 1');
  expect(after(0x4d, 0x4d)).toBe('GENERAL 1');
  expect(after(null, 0x50)).toBe('COMMAND 1');
  expect(after(0x4d, 0x50)).toBe('COMMAND 1');
  expect(after(0x01, 0x01)).toBe('COMMAND 1');
});

test('a machine that is held hears general polls, and commands that go first', () => {
  const held = aMachine(1, {
    hold: Symbol('held'),
    commands: [command],
    due: [fetched(true), fetched(false)],
  });
  expect(turn(wanting(held, true))).toBe('GENERAL 1');
  expect(turn({ ...held, commands: [command, { ...command, goesFirst: true }] })).toBe('COMMAND 1');
  expect(turn({ ...held, hold: null })).toBe('FETCH 1');
});

/** A line on which every exchange takes 30 ms, and its longest wait beyond the period. */
function worstWait(machines: readonly MachineState[], seconds: number): number {
  let now = NOW;
  let worst = 0;
  while (now < NOW + seconds * 1_000) {
    const next = nextTurn(machines, now);
    if (next.turn === 'WAIT') {
      now = next.untilMs;
      continue;
    }
    worst = Math.max(worst, now - next.machine.slotAtMs);
    next.machine.slotAtMs = now + 40;
    next.machine.lastPollWasGeneral = next.turn === 'GENERAL';
    now += 30;
  }
  return worst;
}

test('no machine starves on a line that is too slow for what is wanted of it', () => {
  const hasty = [1, 2, 3].map((address) => aMachine(address, { commands: [command], due: [fetched(true)] }));
  const patient = Array.from({ length: 29 }, (_, at) => aMachine(at + 10));
  // 29 machines of 30 ms each fall due together after two seconds.
  expect(worstWait([...hasty, ...patient], 60)).toBeLessThan(3_000);
});
