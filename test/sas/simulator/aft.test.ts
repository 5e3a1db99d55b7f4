import { afterEach, describe, expect, test } from 'vitest';
import { NO_EXPIRATION } from '../../../src/sas/codec/expiration.ts';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { AFT_LOCK } from '../../../src/sas/codec/long-polls/aft-lock.ts';
import { AFT_REGISTRATION } from '../../../src/sas/codec/long-polls/aft-registration.ts';
import { AFT_TRANSFER, type AftTransfer } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import type { MachineSettings } from '../../../src/sas/simulator/machine-settings.ts';
import { type MachineMemory, volatileMemory } from '../../../src/sas/simulator/memory.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { aTalk, drain, type Talk } from './talk.ts';

const COMPLETE = '69';
const settings = { features: { ...NO_FEATURES, aft: true }, assetNumber: 77, printer: true };

interface Machine {
  readonly talk: Talk;
  readonly clock: ManualClock;
}

const talks: Talk[] = [];

afterEach(() => {
  for (const talk of talks.splice(0)) expect(discrepancies(talk.egm.state())).toEqual([]);
});

function aMachine(options: { memory?: MachineMemory; settings?: Partial<MachineSettings> } = {}): Machine {
  const clock = manualClock();
  const memory = options.memory ?? volatileMemory();
  const talk = aTalk({ clock, memory, settings: { ...settings, ...options.settings } });
  talks.push(talk);
  return { talk, clock };
}

const transfer = (change: Partial<AftTransfer> = {}): AftTransfer => ({
  code: 'FULL',
  index: 0,
  type: 'HOST_TO_MACHINE',
  cashable: 500n,
  restricted: 0n,
  nonrestricted: 0n,
  flags: [],
  assetNumber: 77,
  registrationKey: new Uint8Array(20),
  transactionId: 'T1',
  expiration: NO_EXPIRATION,
  pool: 0,
  receipt: new Uint8Array(),
  lockTimeoutHundredths: null,
  ...change,
});

const interrogate = ({ talk }: Machine, index = 0) => talk.read(AFT_TRANSFER, { code: 'INTERROGATE', index });
const meter = ({ talk }: Machine, name: MeterName): bigint => talk.egm.meters().get(meterCode(name)) ?? 0n;

/** Pending, done, read and acknowledged. */
function done(machine: Machine, change: Partial<AftTransfer> = {}): void {
  const { talk, clock } = machine;
  expect(talk.read(AFT_TRANSFER, transfer(change)).status).toBe('PENDING');
  clock.advance(100);
  talk.sync();
  expect(drain(talk)).toContain(COMPLETE);
  interrogate(machine);
  talk.sync();
}

describe('a transfer', () => {
  test('is pending, then done and told by 69, and in the history once that was read', () => {
    const machine = aMachine();
    const { talk, clock } = machine;
    expect(talk.read(AFT_TRANSFER, transfer())).toMatchObject({ status: 'PENDING', completedAt: null });
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);
    clock.advance(100);
    talk.sync();
    expect(drain(talk)).toEqual([COMPLETE]);
    const end = { status: 'FULL_DONE', transactionId: 'T1', cashable: 500n, bufferPosition: 1 };
    expect(interrogate(machine)).toMatchObject({ ...end, cumulative: [{ value: 500n }, {}, {}] });
    expect(talk.egm.state().aft.history).toHaveLength(0);
    talk.sync();
    expect(talk.egm.state().aft).toMatchObject({ current: null, history: [{ transactionId: 'T1' }] });
    expect(interrogate(machine, 1)).toMatchObject(end);
    talk.sync();
    expect(interrogate(machine, 0xff)).toMatchObject(end);
    talk.sync();
    expect(interrogate(machine, 2)).toMatchObject({ form: 'SHORT', status: 'NO_INFORMATION' });
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(500n);
    expect(meter(machine, 'AFT_CASHABLE_IN_CENTS')).toBe(500n);
  });

  test('is carried out once, however often and whenever it is asked for', () => {
    const machine = aMachine();
    for (let time = 0; time < 12; time += 1) {
      machine.talk.ask(AFT_TRANSFER, transfer());
      if (time % 3 === 0) machine.talk.sync();
      machine.clock.advance(50);
    }
    expect(meter(machine, 'AFT_CASHABLE_IN_COUNT')).toBe(1n);
    machine.talk.sync();
    expect(machine.talk.read(AFT_TRANSFER, transfer()).status).toBe('ID_NOT_UNIQUE');
  });

  test('waits for the game to end', () => {
    const machine = aMachine();
    const { talk, clock } = machine;
    talk.egm.insertBill(1n);
    talk.egm.startGame({ wager: 10n, win: 0n });
    talk.ask(AFT_TRANSFER, transfer());
    clock.advance(1_000);
    expect(meter(machine, 'AFT_CASHABLE_IN_COUNT')).toBe(0n);
    talk.egm.endGame();
    clock.advance(1);
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(590n);
  });

  test('keeps another one out until its end was read', () => {
    const machine = aMachine();
    machine.talk.ask(AFT_TRANSFER, transfer());
    machine.talk.sync();
    const other = transfer({ transactionId: 'T2' });
    expect(machine.talk.read(AFT_TRANSFER, other).status).toBe('CLASHES_WITH_TRANSFER');
    machine.clock.advance(100);
    machine.talk.sync();
    expect(machine.talk.read(AFT_TRANSFER, other).status).toBe('CLASHES_WITH_TRANSFER');
    machine.talk.sync();
    interrogate(machine);
    machine.talk.sync();
    expect(machine.talk.read(AFT_TRANSFER, other).status).toBe('PENDING');
  });

  test('can be cancelled while it is pending, and not afterwards', () => {
    const machine = aMachine();
    machine.talk.ask(AFT_TRANSFER, transfer());
    machine.talk.sync();
    expect(machine.talk.read(AFT_TRANSFER, { code: 'CANCEL' }).status).toBe('CANCELLED_BY_HOST');
    machine.clock.advance(1_000);
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);
    machine.talk.sync();
    done(machine, { transactionId: 'T2' });
    expect(machine.talk.read(AFT_TRANSFER, { code: 'CANCEL' }).status).toBe('FULL_DONE');
  });

  test.each<[string, Partial<AftTransfer>, string]>([
    ['another asset number', { assetNumber: 78 }, 'ASSET_NUMBER_DIFFERS'],
    ['more than the limit', { cashable: 1_000_001n }, 'OVER_TRANSFER_LIMIT'],
    ['an unknown type', { type: 0x33 }, 'BAD_FUNCTION'],
    ['debit without registration', { type: 'DEBIT_TO_MACHINE' }, 'NOT_REGISTERED'],
    ['only if locked', { flags: ['ONLY_IF_LOCKED'] }, 'NOT_LOCKED'],
    ['more to the host than there is', { type: 'MACHINE_TO_HOST' }, 'BAD_AMOUNT'],
  ])('with %s is refused, and nothing is kept of it', (_, change, status) => {
    const machine = aMachine();
    expect(machine.talk.read(AFT_TRANSFER, transfer(change)).status).toBe(status);
    machine.clock.advance(1_000);
    expect(machine.talk.egm.state().aft.current).toBeNull();
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);
  });

  test('is refused while the door is open, in two bytes by machines that are short about it', () => {
    const machine = aMachine({ settings: { aftShortErrorReply: true } });
    machine.talk.egm.openDoor();
    expect(machine.talk.read(AFT_TRANSFER, transfer())).toEqual({
      form: 'SHORT',
      bufferPosition: 0,
      status: 'NOT_NOW',
    });
  });

  test('of a part moves what there is', () => {
    const machine = aMachine();
    machine.talk.egm.insertBill(1n);
    done(machine, { code: 'PARTIAL', type: 'MACHINE_TO_HOST', cashable: 500n });
    expect(machine.talk.egm.state().aft.history).toMatchObject([
      { status: 'PARTIAL_DONE', moved: { cashable: 100n } },
    ]);
    expect(meter(machine, 'AFT_CASHABLE_OUT_CENTS')).toBe(100n);
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);
  });

  test('of a part is refused by a machine that gives none to the host', () => {
    const machine = aMachine({ settings: { aftPartialToHost: false } });
    machine.talk.egm.insertBill(1n);
    const part = { code: 'PARTIAL', type: 'MACHINE_TO_HOST', cashable: 100n } as const;
    expect(machine.talk.read(AFT_TRANSFER, transfer(part)).status).toBe('NO_PARTIAL_TO_HOST');
    machine.talk.sync();
    done(machine, { ...part, code: 'FULL' });
  });

  test('of every kind adds up', () => {
    const machine = aMachine();
    done(machine, { transactionId: 'A', restricted: 200n, nonrestricted: 100n, pool: 3 });
    expect(machine.talk.egm.state()).toMatchObject({ restrictedCredits: 200n, nonrestrictedCredits: 100n });
    done(machine, { transactionId: 'B', type: 'BONUS_COIN_OUT_WIN' });
    done(machine, { transactionId: 'C', type: 'HOST_TO_TICKET' });
    done(machine, { transactionId: 'D', type: 'MACHINE_TO_HOST', cashable: 300n, restricted: 200n });
    done(machine, { transactionId: 'E', type: 'BONUS_JACKPOT_WIN' });
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(800n);
    expect(machine.talk.egm.state().handpays).toMatchObject([{ cents: 500n }]);
  });

  test('is over or fails with the power, never half, and is told of afterwards', () => {
    for (const isOver of [false, true]) {
      const memory = volatileMemory();
      const before = aMachine({ memory });
      before.talk.ask(AFT_TRANSFER, transfer());
      if (isOver) before.clock.advance(100);
      before.talk.egm[Symbol.dispose]();
      const machine = aMachine({ memory });
      expect(interrogate(machine)).toMatchObject({
        status: isOver ? 'FULL_DONE' : 'NOT_NOW',
        transactionId: 'T1',
      });
      expect(meter(machine, 'CURRENT_CREDITS')).toBe(isOver ? 500n : 0n);
    }
  });
});

describe('the history', () => {
  test('keeps the last 127', () => {
    const machine = aMachine();
    for (let id = 1; id <= 130; id += 1) done(machine, { transactionId: `T${id}`, cashable: 1n });
    const { history } = machine.talk.egm.state().aft;
    expect(history).toHaveLength(127);
    expect(history.at(-1)).toMatchObject({ transactionId: 'T130', position: 3 });
    expect(interrogate(machine, 3)).toMatchObject({ transactionId: 'T130' });
  });
});

describe('a transfer of nothing', () => {
  test('sets what its flags say, and takes no place in the history', () => {
    const machine = aMachine();
    done(machine, { transactionId: 'A' });
    done(machine, {
      transactionId: 'B',
      cashable: 0n,
      flags: ['CONTROL_HOST_CASH_OUT', 'HOST_CASH_OUT_ENABLED'],
    });
    done(machine, { transactionId: 'C' });
    const { aft } = machine.talk.egm.state();
    expect(aft.hostCashOut).toBe('SOFT');
    expect(aft.history.map(({ transactionId, position }) => [transactionId, position])).toEqual([
      ['A', 1],
      ['C', 2],
    ]);
  });
});

describe('the cash-out', () => {
  const enable = { flags: ['CONTROL_HOST_CASH_OUT', 'HOST_CASH_OUT_ENABLED'] as const };

  test('goes to the host once that wants it, and to a ticket when the host is late', () => {
    const machine = aMachine();
    const { talk, clock } = machine;
    done(machine, enable);
    talk.egm.cashOut();
    expect(drain(talk)).toEqual(['6A', '66']);
    expect(talk.egm.startGame({ wager: 1n, win: 0n })).toBe('CASH_OUT_PENDING');
    done(machine, { transactionId: 'T2', type: 'MACHINE_TO_HOST', flags: ['ANSWERS_CASH_OUT'] });
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);

    talk.egm.insertBill(1n);
    talk.egm.cashOut();
    for (let second = 0; second < 10; second += 1) {
      clock.advance(1_000);
      talk.sync();
    }
    expect(drain(talk)).toContain('3D');
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);
  });

  test('waits for a late host where that was wanted, and asks again', () => {
    const machine = aMachine();
    const { talk, clock } = machine;
    done(machine, { flags: [...enable.flags, 'HARD_HOST_CASH_OUT'] });
    talk.egm.cashOut();
    expect(drain(talk)).toEqual(['6A', '66']);
    for (let second = 0; second < 25; second += 1) {
      clock.advance(1_000);
      talk.sync();
    }
    expect(drain(talk)).toEqual(['6A']);
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(500n);
    done(machine, { transactionId: 'T2', type: 'MACHINE_TO_HOST', flags: ['ANSWERS_CASH_OUT'] });
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(0n);
  });

  test("is switched off again, and is not the host's any more when the host was away", () => {
    const machine = aMachine();
    const { talk, clock } = machine;
    done(machine, enable);
    done(machine, { transactionId: 'T2', flags: ['CONTROL_HOST_CASH_OUT'] });
    talk.egm.cashOut();
    expect(drain(talk)).not.toContain('6A');

    done(machine, { transactionId: 'T3', ...enable });
    clock.advance(6_000);
    talk.sync();
    talk.egm.cashOut();
    expect(drain(talk)).not.toContain('6A');
  });

  test('of a win goes to the host as a win, and leaves the rest', () => {
    const machine = aMachine();
    const { talk } = machine;
    done(machine, enable);
    expect(talk.egm.cashOutWin()).toBe('NO_CREDITS');
    talk.egm.play({ wager: 100n, win: 250n });
    drain(talk);
    const win = { transactionId: 'W', type: 'WIN_TO_HOST', cashable: 250n } as const;
    expect(talk.read(AFT_TRANSFER, transfer(win)).status).toBe('NO_WON_CREDITS');
    talk.sync();
    expect(talk.egm.cashOutWin()).toBeNull();
    expect(drain(talk)).toEqual(['6B', '66']);
    const status = { lock: 'STATUS_ONLY', conditions: [], timeoutHundredths: 0 } as const;
    expect(talk.read(AFT_LOCK, status).available).toContain('WIN_PENDING_TO_HOST');
    talk.sync();
    expect(talk.read(AFT_TRANSFER, transfer({ ...win, cashable: 251n })).status).toBe('BAD_AMOUNT');
    talk.sync();
    done(machine, { ...win, flags: ['ANSWERS_CASH_OUT'] });
    expect(meter(machine, 'CURRENT_CREDITS')).toBe(400n);
    expect(talk.egm.cashOutWin()).toBe('NO_CREDITS');
  });

  test('of a win that was wagered again is none', () => {
    const machine = aMachine();
    const { talk } = machine;
    done(machine, enable);
    talk.egm.play({ wager: 100n, win: 250n });
    talk.egm.play({ wager: 100n, win: 0n });
    expect(talk.egm.cashOutWin()).toBe('NO_CREDITS');
  });
});

describe('the lock', () => {
  const ask = (
    change: Partial<{ lock: 'REQUEST' | 'CANCEL' | 'STATUS_ONLY'; timeoutHundredths: number }> = {},
  ) => ({ lock: 'REQUEST', conditions: ['TO_MACHINE'], timeoutHundredths: 300, ...change }) as const;

  test('holds up play, is told by 6F, and ends by itself', () => {
    const { talk, clock } = aMachine();
    talk.egm.insertBill(1n);
    expect(talk.read(AFT_LOCK, ask())).toMatchObject({
      lockStatus: 'LOCKED',
      assetNumber: 77,
      cashable: 100n,
    });
    talk.sync();
    expect(drain(talk)[0]).toBe('6F');
    expect(talk.egm.startGame({ wager: 1n, win: 0n })).toBe('LOCKED_FOR_TRANSFER');
    clock.advance(3_000);
    expect(talk.egm.startGame({ wager: 1n, win: 0n })).toBeNull();
  });

  test('ends with the transfer it was for, unless that wants one afterwards', () => {
    const machine = aMachine();
    const { talk, clock } = machine;
    const lockStatus = () => {
      talk.sync();
      return talk.read(AFT_LOCK, { lock: 'STATUS_ONLY', conditions: [], timeoutHundredths: 0 }).lockStatus;
    };
    talk.read(AFT_LOCK, ask());
    talk.sync();
    done(machine, { flags: ['ONLY_IF_LOCKED'] });
    expect(lockStatus()).toBe('NOT_LOCKED');
    const flags = ['LOCK_AFTER_TRANSFER'] as const;
    done(machine, { transactionId: 'T2', flags, lockTimeoutHundredths: 100 });
    expect(lockStatus()).toBe('LOCKED');
    clock.advance(1_000);
    expect(lockStatus()).toBe('NOT_LOCKED');
    done(machine, { transactionId: 'T3', flags });
    clock.advance(4_000);
    expect(lockStatus()).toBe('LOCKED');
  });

  test('waits for the game, and is none for nothing at all', () => {
    const { talk } = aMachine();
    talk.egm.insertBill(1n);
    talk.egm.startGame({ wager: 1n, win: 0n });
    expect(talk.read(AFT_LOCK, { ...ask(), conditions: [] }).lockStatus).toBe('NOT_LOCKED');
    talk.sync();
    expect(talk.read(AFT_LOCK, ask()).lockStatus).toBe('PENDING');
    talk.sync();
    expect(talk.read(AFT_LOCK, ask({ lock: 'CANCEL' })).lockStatus).toBe('NOT_LOCKED');
  });
});

describe('registration', () => {
  const key = Uint8Array.from({ length: 20 }, (_, at) => at + 1);
  const ask = (code: 'INITIALISE' | 'REGISTER' | 'ASK_OPERATOR' | 'UNREGISTER') =>
    ({ code, assetNumber: 77, registrationKey: key, posId: 9 }) as const;

  test('goes through the operator, and its key is asked for from then on', () => {
    const machine = aMachine();
    const { talk } = machine;
    const say = (code: Parameters<typeof ask>[0]) => {
      const { status } = talk.read(AFT_REGISTRATION, ask(code));
      talk.sync();
      return status;
    };
    expect(say('ASK_OPERATOR')).toBe('WAITING_FOR_OPERATOR');
    expect(say('REGISTER')).toBe('WAITING_FOR_OPERATOR');
    talk.egm.acknowledgeRegistration();
    expect(drain(talk)).toEqual(['6D']);
    expect(say('REGISTER')).toBe('REGISTERED');
    expect(talk.read(AFT_TRANSFER, transfer()).status).toBe('KEY_DIFFERS');
    talk.sync();
    done(machine, { registrationKey: key, type: 'DEBIT_TO_MACHINE' });
    expect(meter(machine, 'AFT_DEBIT_IN_CENTS')).toBe(500n);
    expect(say('UNREGISTER')).toBe('NOT_REGISTERED');
    expect(talk.read(AFT_REGISTRATION, { code: 'READ' })).toMatchObject({ posId: 0, assetNumber: 77 });
  });
});
