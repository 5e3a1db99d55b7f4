import { describe, expect, test } from 'vitest';
import { crc16 } from '../../../src/sas/codec/crc.ts';
import { createMarkedStreamDecoder, encodeMarkedStream } from '../../../src/sas/codec/marked-stream.ts';
import { LONG_POLLS } from '../../../src/sas/codec/poll-table.ts';
import { byteOf, isMarked, type LineSymbol, mark } from '../../../src/sas/codec/symbol.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { between, createRandom, type Random } from '../../../src/sas/simulator/random.ts';
import { drain, talkTo } from './talk.ts';

const STREAMS = 1_000;
const ADDRESS = 1;

/** Noise that looks like a line: many marks, many bytes of our address and of real commands. */
function noise(random: Random): Uint8Array {
  const codes = [...LONG_POLLS.keys()];
  const bytes: number[] = [];
  for (let length = between(random, 1, 200); length > 0; length -= 1) {
    const kind = between(random, 0, 9);
    if (kind < 2) bytes.push(0xff, 0x00, between(random, 0, 1) === 0 ? 0x81 : ADDRESS);
    else if (kind < 4) bytes.push(codes[between(random, 0, codes.length - 1)] ?? 0);
    else if (kind < 5) bytes.push(0xff);
    else bytes.push(between(random, 0, 0xff));
  }
  return Uint8Array.from(bytes);
}

/** Whether the symbols heard so far end in a poll that this machine may answer: by its own, plain rules. */
function mayAnswer(heard: readonly (LineSymbol | 'error')[]): boolean {
  const start = heard.findLastIndex((symbol) => symbol !== 'error' && isMarked(symbol));
  const message = heard.slice(start);
  if (start < 0 || message.includes('error')) return false;
  const bytes = message.map((symbol) => (symbol === 'error' ? 0 : byteOf(symbol)));
  if (bytes.length === 1) return bytes[0] === (0x80 | ADDRESS);
  return bytes[0] === ADDRESS && LONG_POLLS.has(bytes[1] ?? -1);
}

describe('random garbage', () => {
  test(`${STREAMS} streams never make a machine throw, and it answers nothing but polls to itself`, () => {
    const random = createRandom(20_240_501);
    let answered = 0;
    for (let stream = 0; stream < STREAMS; stream += 1) {
      const egm = createEgm({ address: ADDRESS });
      const heard: (LineSymbol | 'error')[] = [];
      const wrong: string[] = [];
      egm.onReply((reply) => {
        answered += 1;
        if (!mayAnswer(heard)) wrong.push('nobody asked');
        if (reply.length > 2 && crc16(reply) !== 0) wrong.push('bad CRC');
        if (reply.length > 1 && reply[0] !== ADDRESS) wrong.push('foreign address');
      });
      for (const symbol of [mark(0x80), ...createMarkedStreamDecoder().push(noise(random))]) {
        heard.push(symbol);
        egm.hear(symbol);
      }
      expect(wrong).toEqual([]);
    }
    expect(answered).toBeGreaterThan(STREAMS);
  });

  test('afterwards the machine answers as if nothing had been', () => {
    const random = createRandom(7);
    for (let stream = 0; stream < 100; stream += 1) {
      const talk = talkTo(createEgm({ address: ADDRESS }));
      const decoder = createMarkedStreamDecoder();
      for (const symbol of decoder.push(noise(random))) talk.egm.hear(symbol);
      for (const symbol of decoder.push(encodeMarkedStream([mark(0x80), mark(0x80)]))) talk.egm.hear(symbol);
      talk.heard();
      drain(talk);
      expect(talk.say(Uint8Array.of(ADDRESS, 0x51))).toMatch(/^01 51 00 00 84 C5$/);
    }
  });

  test('noise changes no meter: nothing on the line can', () => {
    const random = createRandom(99);
    const egm = createEgm({ address: ADDRESS });
    egm.insertBill(20n);
    const before = new Map(egm.meters());
    for (let stream = 0; stream < 200; stream += 1) {
      for (const symbol of createMarkedStreamDecoder().push(noise(random))) egm.hear(symbol);
    }
    expect(egm.meters()).toEqual(before);
  });
});
