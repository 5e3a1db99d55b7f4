import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasValidCrc } from '../../../src/sas/codec/crc.ts';
import { encodeEvent } from '../../../src/sas/codec/event-data.ts';
import { createReplyReader, generalPoll, type Reply } from '../../../src/sas/codec/frame.ts';
import { SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { METERS_10_15 } from '../../../src/sas/codec/long-polls/meter-groups.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  LONG_POLLS,
} from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { encodeSignature } from '../../../src/sas/codec/rom-signature.ts';
import { mark, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createLineWatch } from '../../../src/sas/watch.ts';
import {
  ANSWER_MEANINGS,
  differences,
  EVENT_NAMES,
  hex,
  type Meaning,
  REQUEST_MEANINGS,
} from './golden-meaning.ts';
import { bytes, hexOf } from './hex.ts';
import { REQUESTS } from './samples/all.ts';
import { requestFrame } from './samples/sample.ts';

interface Golden {
  readonly name: string;
  readonly direction: 'host->egm' | 'egm->host';
  readonly hex: string;
  readonly length: number;
  readonly crc: 'ok' | null;
  readonly decoded: Meaning;
}

const file = new URL('../golden.json', import.meta.url);
const FRAMES = (JSON.parse(readFileSync(file, 'utf8')) as { frames: readonly Golden[] }).frames;

const byte = (frame: Golden, at: number): number => bytes(frame.hex)[at] ?? -1;
const titled = (frames: readonly Golden[]): [string, Golden][] => frames.map((frame) => [frame.name, frame]);

const fromHost = FRAMES.filter((frame) => frame.direction === 'host->egm');
const fromMachine = FRAMES.filter((frame) => frame.direction === 'egm->host');
const requests = fromHost.filter((frame) => frame.length > 1);
const events = fromMachine.filter((frame) => byte(frame, 1) === 0xff);
const answers = fromMachine.filter((frame) => frame.length > 2 && byte(frame, 1) !== 0xff);
const data = answers.filter((frame) => byte(frame, 1) !== 0x21);
const others = FRAMES.filter((frame) => ![...requests, ...events, ...data].includes(frame));

function replyTo(request: Uint8Array, frame: Golden): Reply {
  const reader = createReplyReader(request);
  for (const each of bytes(frame.hex)) reader.push(each);
  expect(reader.surplus).toBe(0);
  return reader.take();
}

/** How many bytes stand behind the length byte. */
const dataBytes = (frame: Golden): number => frame.length - 5;

test('golden.json has 90 frames: requests, answers, events, and six that are none of these', () => {
  expect(FRAMES.length).toBe(90);
  expect([requests.length, data.length, events.length, others.length]).toEqual([35, 23, 26, 6]);
});

test.each(titled(FRAMES))('%s has its length and its CRC', (_, frame) => {
  expect(bytes(frame.hex).length).toBe(frame.length);
  if (frame.crc === 'ok') expect(hasValidCrc(bytes(frame.hex))).toBe(true);
  else expect(frame.length).toBeLessThan(3);
});

describe('golden requests', () => {
  test.each(titled(fromHost))('%s ends at its last symbol', (_, frame) => {
    const reader = createRequestReader();
    const heard = messageSymbols(bytes(frame.hex)).map((symbol) => reader.push(symbol));
    const last = heard.at(-1);
    if (frame.length === 1) expect(last).toMatchObject({ kind: 'generalPoll', address: 1 });
    else expect(last).toMatchObject({ kind: 'longPoll', crcOk: true, frame: bytes(frame.hex) });
    expect(heard.slice(1, -1).every((message) => message === null)).toBe(true);
  });

  test.each(titled(requests))('%s is read with every field, and written back', (_, frame) => {
    const { address, poll, request } = decodeRequest(bytes(frame.hex));
    expect(hexOf(encodeRequest(poll, address, request))).toBe(frame.hex);
    const translate = REQUEST_MEANINGS.get(poll.code) ?? (() => ({}));
    const ours = { cmd: hex(poll.code, 2), len: dataBytes(frame), ...translate(request) };
    expect(differences(frame.decoded, ours)).toEqual([]);
  });
});

describe('golden answers', () => {
  test.each(titled(data))('%s is read with every field, and written back', (_, frame) => {
    const poll = LONG_POLLS.get(byte(frame, 1));
    const sample = REQUESTS.find((each) => each.poll === poll && each.hex.startsWith('01'));
    if (poll === undefined || sample === undefined) throw new Error('a poll without a sample');
    const reply = replyTo(requestFrame(sample), frame);
    if (reply.kind !== 'data') throw new Error(`read as ${reply.kind}`);
    const answer = decodeAnswer(poll, reply.body);
    expect(hexOf(encodeAnswer(poll, 1, answer))).toBe(frame.hex);
    const ours = { len: dataBytes(frame), ...ANSWER_MEANINGS.get(poll.code)?.(answer) };
    expect(differences(frame.decoded, ours)).toEqual([]);
  });
});

describe('golden events', () => {
  test.each(titled(events))(
    '%s is read with every field, and written back, for any kind of poll',
    (_, frame) => {
      for (const request of [
        generalPoll(1),
        encodeRequest(METERS_10_15, 1, {}),
        encodeRequest(SHUTDOWN, 1, {}),
      ]) {
        const reply = replyTo(request, frame);
        if (reply.kind !== 'exception') throw new Error(`read as ${reply.kind}`);
        expect(reply.realTime).toBe(true);
        expect(hexOf(encodeEvent(1, reply.code, reply.data))).toBe(frame.hex);
        const read = Object.entries(reply.data ?? {}).map(([name, value]) => [
          EVENT_NAMES[name] ?? name,
          value === 'DEDUCTIBLE' ? 0 : value,
        ]);
        const ours = { event: hex(reply.code, 2), ...Object.fromEntries(read) };
        expect(differences(frame.decoded, ours)).toEqual([]);
      }
    },
  );
});

describe('other golden frames', () => {
  const named = (name: string): Golden => {
    const frame = others.find((each) => each.name === name);
    if (frame === undefined) throw new Error(`no golden frame ${name}`);
    return frame;
  };
  const set = encodeRequest(SHUTDOWN, 1, {});

  test('are these', () => {
    expect(others.map((frame) => frame.decoded)).toEqual([
      { poll: 'general', address: 1 },
      { exception: '00' },
      { busy: true, note: '2 bytes, no CRC' },
      { nack: 'address|80' },
      { chirp: true },
      { signature: '0xABCD' },
    ]);
  });

  test('a general poll', () => {
    expect(hexOf(generalPoll(1))).toBe(named('GP address 1').hex);
  });

  test('no activity, busy, and a refusal', () => {
    expect(replyTo(generalPoll(1), named('GP reply no activity'))).toEqual({
      kind: 'exception',
      code: 0,
      data: null,
      realTime: false,
    });
    expect(replyTo(set, named('busy'))).toEqual({ kind: 'busy' });
    expect(replyTo(set, named('NACK of a type S/M poll'))).toEqual({ kind: 'nack' });
  });

  test('a chirp, whose byte is marked', () => {
    const frame = named('chirp (loop break), address 1');
    expect(createLineWatch().push('MACHINE', [mark(byte(frame, 0))])).toEqual([
      '1 → host  chirp: hears nobody',
    ]);
  });

  test('a ROM signature', () => {
    const frame = named('21 signature as general-poll answer');
    const reply = replyTo(generalPoll(1), frame);
    if (reply.kind !== 'signature') throw new Error(`read as ${reply.kind}`);
    expect(`0x${hex(reply.signature, 4)}`).toBe(frame.decoded.signature);
    expect(hexOf(encodeSignature(1, reply.signature))).toBe(frame.hex);
  });
});
