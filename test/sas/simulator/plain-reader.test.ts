import { expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { formatSymbols } from '../../../src/sas/codec/symbol.ts';
import { createPlainReader } from '../../../src/sas/simulator/plain-reader.ts';
import { bytes } from '../codec/hex.ts';

const framed = (hex: string): string =>
  Buffer.from(withCrc(bytes(hex)))
    .toString('hex')
    .toUpperCase()
    .replace(/..(?=.)/g, '$& ');
const REAL_TIME_OFF = framed('01 0E 00');
const INTERROGATION = framed('01 72 02 FF 00');
const PROGRESSIVE = framed('00 80 01 01 00 00 12 34 56');

function aReader() {
  let now = 0;
  const reader = createPlainReader({ nowMs: () => now });
  return {
    read: (hex: string) => formatSymbols(reader.push(bytes(hex))),
    pause(ms: number) {
      now += ms;
    },
  };
}

test.each([
  ['a general poll', '81', '*81'],
  ['general polls in a row', '80 81 FF', '*80 *81 *FF'],
  ['a poll without data', '01 1A', '*01 1A'],
  ['a poll of a fixed length', REAL_TIME_OFF, `*${REAL_TIME_OFF}`],
  ['a poll that tells its length', INTERROGATION, `*${INTERROGATION}`],
  ['a host that sends 80 before each address', '80 01 11 80 02 11', '*80 *01 11 *80 *02 11'],
  ['a poll to another machine', '05 1A 81', '*05 1A *81'],
  ['a broadcast', `${PROGRESSIVE} 81`, `*${PROGRESSIVE} *81`],
  ['noise of zeros', '00 00 81', '*81'],
  ['a zero in front of a poll', '00 01 1A', '*01 1A'],
])('%s is %s', (_, hex, symbols) => {
  expect(aReader().read(hex)).toBe(symbols);
});

test('messages are found however the stream is cut', () => {
  const stream = ['80', REAL_TIME_OFF, '81', INTERROGATION, PROGRESSIVE, '01 1A', '81'].join(' ').split(' ');
  const whole = aReader().read(stream.join(' '));
  for (let at = 1; at < stream.length; at += 1) {
    const reader = aReader();
    const parts = [stream.slice(0, at), stream.slice(at)].map((part) => reader.read(part.join(' ')));
    expect(parts.filter(Boolean).join(' '), `cut at ${at}`).toBe(whole);
  }
});

test('a pause inside a message ends it', () => {
  const { read, pause } = aReader();
  expect(read('01 72 02')).toBe('*01 72 02');
  pause(21);
  expect(read('81')).toBe('*81');
  expect(read('01')).toBe('*01');
  pause(20);
  expect(read('1A')).toBe('1A');
});

test.each([
  ['a wrong checksum', REAL_TIME_OFF.replace(/..$/, '00'), `*${REAL_TIME_OFF.replace(/..$/, '00')}`],
  ['an unknown command', '01 F3', '*01 F3'],
])('everything behind %s is noise until the next pause', (_, hex, symbols) => {
  const { read, pause } = aReader();
  expect(read(`${hex} 81 82`)).toBe(symbols);
  pause(21);
  expect(read('81')).toBe('*81');
});
