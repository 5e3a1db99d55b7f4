import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { METERS, meterCode } from '../../../src/sas/codec/meters.ts';
import { newCabinetState } from '../../../src/sas/simulator/cabinet-state.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { fileMemory, MachineMemoryError, volatileMemory } from '../../../src/sas/simulator/memory.ts';
import { drain, talkTo } from './talk.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'machine-memory-'));
  path = join(folder, 'machines', '1.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const egmOverFile = () => createEgm({ address: 1, memory: fileMemory(path) });

/** Games since power-up start again by design. */
const lasting = (meters: ReadonlyMap<number, bigint>): Map<number, bigint> => {
  const kept = new Map(meters);
  kept.delete(meterCode('GAMES_SINCE_POWER_RESET'));
  return kept;
};

describe('a power cut', () => {
  test('changes no meter, no lock and no setting', () => {
    const egm = egmOverFile();
    const talk = talkTo(egm);
    egm.insertBill(20n);
    egm.play({ wager: 5n, win: 20n });
    egm.insertBill(1n);
    talk.sync();
    talk.ask(SHUTDOWN, {});
    egm.openDoor();
    const before = egm.state();

    const after = egmOverFile().state();
    expect(lasting(after.meters)).toEqual(lasting(before.meters));
    expect(after).toMatchObject({
      locked: true,
      slotDoorOpen: true,
      slotDoorOpens: 1n,
      billsAcceptedDollars: 21n,
      powerResets: before.powerResets + 1n,
    });
    expect(after.meters.get(meterCode('GAMES_SINCE_POWER_RESET'))).toBe(0n);
  });

  test('keeps the exceptions nobody acknowledged, with their data, in their order', () => {
    const talk = talkTo(egmOverFile());
    talk.egm.insertBill(20n);
    talk.sync();
    expect(talk.general()).toBe('17');
    talk.sync();
    expect(talk.general()).toBe('4A');
    talk.egm.openDoor();

    const again = talkTo(egmOverFile());
    again.sync();
    expect(again.egm.state().queuedExceptions[0]?.data).toMatchObject({ kind: 'BILL_ACCEPTED', count: 1n });
    expect(drain(again)).toEqual(['4A', '11', '17']);
  });

  test('ends the game it cut off, once, and pays its win', () => {
    const egm = egmOverFile();
    egm.insertBill(1n);
    egm.startGame({ wager: 10n, win: 25n });
    for (let restart = 0; restart < 2; restart += 1) {
      const after = egmOverFile();
      expect(after.state().game).toBeNull();
      expect(after.meters().get(meterCode('CURRENT_CREDITS'))).toBe(115n);
      expect(after.meters().get(meterCode('GAMES_PLAYED'))).toBe(1n);
    }
  });

  test('leaves a handpay unread and unpaid', () => {
    const egm = egmOverFile();
    egm.insertBill(5n);
    egm.cashOut();
    expect(egmOverFile().state()).toMatchObject({
      handpayPending: true,
      handpays: [{ cents: 500n, read: false }],
    });
  });

  test('of a killed process never makes a meter go back', { timeout: 120_000 }, async () => {
    const script = fileURLToPath(new URL('./power-cut-machine.ts', import.meta.url));
    const counters = [...METERS.values()]
      .filter((meter) => meter.kind === 'COUNTER')
      .map((meter) => meter.code);
    let seenBefore: ReadonlyMap<number, bigint> = new Map();
    for (let cut = 0; cut < 4; cut += 1) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: string[] = [];
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const [rest = '', ...whole] = `${text}${chunk}`.split('\n').reverse();
        text = rest;
        lines.push(...whole.reverse());
        if (lines.length > 200 + cut * 77) child.kill('SIGKILL');
      });
      await once(child, 'close');
      expect(child.signalCode).toBe('SIGKILL');

      const shown = new Map(
        (JSON.parse(lines.at(-1) ?? '') as [number, string][]).map(([code, value]) => [code, BigInt(value)]),
      );
      const kept = fileMemory(path).load()?.meters ?? new Map<number, bigint>();
      for (const code of counters) {
        expect(shown.get(code) ?? 0n).toBeGreaterThanOrEqual(seenBefore.get(code) ?? 0n);
        expect(kept.get(code) ?? 0n).toBeGreaterThanOrEqual(shown.get(code) ?? 0n);
      }
      seenBefore = kept;
    }
    const games = seenBefore.get(meterCode('GAMES_PLAYED')) ?? 0n;
    expect(games).toBeGreaterThan(100n);
  });
});

describe('the memory file', () => {
  test('is in place before anybody sees the change', () => {
    const egm = egmOverFile();
    egm.onChange((state) => expect(fileMemory(path).load()?.meters).toEqual(state.meters));
    egm.insertBill(20n);
    egm.play({ wager: 5n, win: 20n });
    expect.assertions(3);
  });

  test('leaves no other file behind and is nobody else’s to read', () => {
    egmOverFile().insertBill(20n);
    expect(readdirSync(join(folder, 'machines'))).toEqual(['1.json']);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('holds every part of a state exactly', () => {
    const state = { ...newCabinetState(), billsAcceptedDollars: 12345678901234567890n, clockOffsetMs: -5 };
    fileMemory(path).save(state);
    expect(fileMemory(path).load()).toEqual(state);
  });

  test('may be half written beside the good one', () => {
    egmOverFile().insertBill(20n);
    writeFileSync(`${path}.tmp`, '{"format":"floorwire-mach');
    expect(egmOverFile().meters().get(meterCode('CURRENT_CREDITS'))).toBe(2000n);
    expect(existsSync(`${path}.tmp`)).toBe(false);
  });

  test.each<[string, (text: string) => string]>([
    ['an empty file', () => ''],
    ['half a file', (text) => text.slice(0, text.length / 2)],
    ['another JSON', () => '{"meters":{}}\n'],
    ['no JSON', () => 'hello'],
    ['another format', (text) => text.replace('machine-1', 'machine-2')],
    ['a changed digit', (text) => text.replace('"2000n"', '"2001n"')],
    ['a missing line end', (text) => text.trimEnd()],
  ])('%s is refused and left alone', (_, damage) => {
    egmOverFile().insertBill(20n);
    const damaged = damage(readFileSync(path, 'utf8'));
    writeFileSync(path, damaged);
    expect(egmOverFile).toThrow(MachineMemoryError);
    expect(egmOverFile).toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe(damaged);
  });

  test('that cannot be read or written is a clear error', () => {
    expect(() => fileMemory(folder).load()).toThrow(MachineMemoryError);
    writeFileSync(join(folder, 'file'), '');
    expect(() => fileMemory(join(folder, 'file', '1.json')).save(newCabinetState())).toThrow(
      MachineMemoryError,
    );
  });
});

describe('a change that cannot be saved', () => {
  test('is not seen', () => {
    const memory = volatileMemory();
    let broken = false;
    const egm = createEgm({
      address: 1,
      memory: {
        load: memory.load,
        save(state) {
          if (broken) throw new MachineMemoryError('The disk is full.');
          memory.save(state);
        },
      },
    });
    egm.insertBill(20n);
    broken = true;
    const before = egm.state();
    expect(() => egm.play({ wager: 5n, win: 20n })).toThrow(MachineMemoryError);
    expect(egm.state()).toEqual({ ...before, clock: expect.anything() });
  });
});
