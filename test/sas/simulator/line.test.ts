import { describe, expect, test } from 'vitest';
import { generalPoll, SYNC_POLL } from '../../../src/sas/codec/frame.ts';
import { SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { NUMBER_OF_GAMES } from '../../../src/sas/codec/long-polls/identity.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { formatSymbols, mark, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createFaults, type FaultRates } from '../../../src/sas/simulator/faults.ts';
import { type Collision, createLine, type LineOptions } from '../../../src/sas/simulator/line.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { bytes } from '../codec/hex.ts';
import { manualClock } from './manual-clock.ts';

function aLine(addresses: readonly number[], options: Partial<LineOptions> = {}) {
  const egms = addresses.map((address) => createEgm({ address }));
  const line = createLine({ egms, ...options });
  const heard: string[] = [];
  line.onReply((symbols) => heard.push(formatSymbols(symbols)));
  const say = (...messages: readonly Uint8Array[]): string[] => {
    line.hear(messages.flatMap((message) => messageSymbols(message)));
    return heard.splice(0);
  };
  say(SYNC_POLL);
  return { egms, say, line, heard };
}

describe('a line with several machines', () => {
  test('each answers its own polls only, message by message', () => {
    const { say } = aLine([1, 2, 127]);
    expect(say(generalPoll(1))).toEqual(['17']);
    expect(say(generalPoll(3))).toEqual([]);
    expect(
      say(encodeRequest(NUMBER_OF_GAMES, 2, {}), generalPoll(127), encodeRequest(SHUTDOWN, 1, {})),
    ).toEqual([expect.stringMatching(/^02 51 00 00/), '17', '01']);
  });

  test('a poll to one acknowledges the others', () => {
    const { say } = aLine([1, 2]);
    expect([say(generalPoll(1)), say(generalPoll(2)), say(generalPoll(1))]).toEqual([['17'], ['17'], ['00']]);
  });

  test('two machines with one address are found out', () => {
    const { line } = aLine([5, 5]);
    expect(() => line.hear(messageSymbols(generalPoll(5)))).toThrow(/5 and 5/);
    const collisions: Collision[] = [];
    const reported = aLine([5, 5], { onCollision: (collision) => collisions.push(collision) });
    reported.say(generalPoll(5));
    reported.say(generalPoll(5));
    expect(collisions).toEqual([
      { first: 5, second: 5 },
      { first: 5, second: 5 },
    ]);
  });
});

describe('faults', () => {
  const message = messageSymbols(bytes('01 72 02 FF 00 0F 22'));

  function through(rates: FaultRates, seed = 1) {
    const clock = manualClock();
    const delivered: string[] = [];
    const faults = createFaults({ rates, random: createRandom(seed), clock, longestDelayMs: 50 });
    faults(message, (symbols) => delivered.push(formatSymbols(symbols)));
    return { delivered, clock };
  }

  test('without a rate nothing happens', () => {
    expect(through({}).delivered).toEqual(['*01 72 02 FF 00 0F 22']);
  });

  test('a dropped symbol is gone', () => {
    expect(through({ dropSymbol: 1 }).delivered).toEqual(['']);
  });

  test('a flipped bit changes a byte in one bit and leaves its mark', () => {
    const [flipped = ''] = through({ flipDataBit: 1 }).delivered;
    const symbols = flipped.split(' ');
    expect(symbols[0]).toMatch(/^\*/);
    symbols.forEach((symbol, at) => {
      const difference = Number.parseInt(symbol.replace('*', ''), 16) ^ ((message[at] ?? 0) & 0xff);
      expect(difference.toString(2).replaceAll('0', '')).toBe('1');
    });
  });

  test('a flipped mark leaves the byte', () => {
    expect(through({ flipMark: 1 }).delivered).toEqual(['01 *72 *02 *FF *00 *0F *22']);
  });

  test('an inserted symbol is unmarked and comes before each', () => {
    const [inserted = ''] = through({ insertSymbol: 1 }).delivered;
    const symbols = inserted.split(' ');
    expect(symbols).toHaveLength(14);
    expect(symbols.filter((_, at) => at % 2 === 1).join(' ')).toBe(formatSymbols(message));
    expect(symbols.filter((_, at) => at % 2 === 0).every((symbol) => !symbol.startsWith('*'))).toBe(true);
  });

  test('a cut message is a beginning of it', () => {
    const lengths = Array.from({ length: 40 }, (_, seed) => {
      const [cut = ''] = through({ cutMessage: 1 }, seed).delivered;
      expect(formatSymbols(message).startsWith(cut)).toBe(true);
      return cut.length;
    });
    expect(new Set(lengths).size).toBeGreaterThan(4);
  });

  test('a repeated message comes twice', () => {
    expect(through({ repeatMessage: 1 }).delivered).toEqual([formatSymbols(message), formatSymbols(message)]);
  });

  test('a delayed message comes after 1 to 50 ms', () => {
    const { delivered, clock } = through({ delayMessage: 1 });
    expect(delivered).toEqual([]);
    expect(clock.nextTimerMs).toBeGreaterThanOrEqual(1);
    expect(clock.nextTimerMs).toBeLessThanOrEqual(50);
    clock.advance(50);
    expect(delivered).toEqual([formatSymbols(message)]);
  });

  test('the same seed breaks the same symbols', () => {
    const rates = { dropSymbol: 0.2, flipDataBit: 0.2, flipMark: 0.2, insertSymbol: 0.2 };
    expect(through(rates, 7).delivered).toEqual(through(rates, 7).delivered);
    expect(through(rates, 7).delivered).not.toEqual(through(rates, 8).delivered);
  });

  test('stream errors pass through', () => {
    const faults = createFaults({
      rates: { flipDataBit: 1, flipMark: 1 },
      random: createRandom(1),
      clock: manualClock(),
      longestDelayMs: 1,
    });
    const delivered: unknown[] = [];
    faults(['error'], (symbols) => delivered.push(...symbols));
    expect(delivered).toEqual(['error']);
  });

  test('on a line they strike the side they are for', () => {
    const faults = createFaults({
      rates: { repeatMessage: 1 },
      random: createRandom(1),
      clock: manualClock(),
      longestDelayMs: 1,
    });
    const toHost = aLine([1], { faultsToHost: faults });
    expect(toHost.say(generalPoll(1))).toEqual(['17', '17']);
    const toEgms = aLine([1], { faultsToEgms: faults });
    expect(toEgms.say(generalPoll(1))).toEqual(['17', '17']);
    expect(toEgms.egms[0]?.state().queuedExceptions).toHaveLength(1);
    toEgms.line.hear([mark(0x80)]);
    expect(toEgms.egms[0]?.state().queuedExceptions).toHaveLength(0);
  });
});

describe('seeded random numbers', () => {
  test('repeat with their seed and fill the range evenly', () => {
    const numbers = Array.from({ length: 20_000 }, createRandom(42));
    expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, createRandom(42)));
    const counts = new Array<number>(10).fill(0);
    for (const number of numbers)
      counts[Math.floor(number * 10)] = (counts[Math.floor(number * 10)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});

describe('a paced line', () => {
  const BYTE_MS = 11 / 19.2;

  test('takes the time of every byte in both directions, and of the machine between them', () => {
    const clock = manualClock();
    const egm = createEgm({ address: 1, clock, responseDelayMs: 5 });
    const line = createLine({ egms: [egm], pacedBy: clock });
    const heard: string[] = [];
    line.onReply((symbols) => heard.push(formatSymbols(symbols)));
    line.hear([...messageSymbols(SYNC_POLL), ...messageSymbols(generalPoll(1))]);
    // Two bytes there, and one back.
    clock.advance(3 * BYTE_MS + 5 - 0.01);
    expect(heard).toEqual([]);
    clock.advance(0.02);
    expect(heard).toEqual(['17']);
  });

  test('lets a message begin when the one before it has arrived', () => {
    const clock = manualClock();
    const machine = { address: 1, onReply() {}, onChirp() {} };
    const heard: number[] = [];
    const startMs = clock.nowMs();
    const line = createLine({
      egms: [{ ...machine, hear: () => heard.push(clock.nowMs() - startMs) }],
      pacedBy: clock,
    });
    line.hear([0x01, 0x1a]);
    line.hear([mark(0x80)]);
    clock.advance(10);
    expect(heard.map((ms) => Math.round(ms / BYTE_MS))).toEqual([2, 2, 3]);
  });

  test('loses what a fault takes, and paces the rest', () => {
    const clock = manualClock();
    const egm = createEgm({ address: 1, clock });
    const line = createLine({
      egms: [egm],
      pacedBy: clock,
      faultsToEgms: (message, deliver) => deliver(message.slice(1)),
    });
    const heard: string[] = [];
    line.onReply((symbols) => heard.push(formatSymbols(symbols)));
    line.hear([
      ...messageSymbols(SYNC_POLL),
      ...messageSymbols(SYNC_POLL),
      ...messageSymbols(generalPoll(1)),
    ]);
    clock.advance(3 * BYTE_MS - 0.01);
    expect(heard).toEqual([]);
    clock.advance(0.02);
    expect(heard).toEqual(['17']);
  });
});
