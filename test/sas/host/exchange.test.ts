import { expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { generalPoll, type Reply } from '../../../src/sas/codec/frame.ts';
import { mark } from '../../../src/sas/codec/symbol.ts';
import { type AskOptions, Exchange } from '../../../src/sas/host/exchange.ts';
import { newCounters } from '../../../src/sas/host/statistics.ts';
import { aManualClock, settled } from './manual-clock.ts';
import { aScriptedPort } from './scripted-port.ts';

const ONE = generalPoll(1);
const CREDITS = Uint8Array.of(0x01, 0x1a);
const CREDITS_ANSWER = [...withCrc(Uint8Array.of(0x01, 0x1a, 0x00, 0x00, 0x12, 0x34))];
const RESPONSE_MS = 40;
const GAP_MS = 20;

function aLine() {
  const clock = aManualClock();
  const port = aScriptedPort();
  const counters = newCounters();
  const closings: (Error | null)[] = [];
  const timing = { responseTimeoutMs: RESPONSE_MS, interByteGapMs: GAP_MS, suspicionMs: 5_000 };
  const exchange = new Exchange(port, { clock, timing, counters }, (cause) => closings.push(cause));
  const ask = (request: Uint8Array, options: Partial<AskOptions> = {}) => {
    const asked: { reply: Reply | null | undefined } = { reply: undefined };
    void exchange.ask(request, { repeat: false, ...options }).then((reply) => {
      asked.reply = reply;
    });
    return asked;
  };
  return { clock, port, counters, exchange, ask, closings };
}

test('the exception that answers a general poll is the reply at once', async () => {
  const { ask, port } = aLine();
  const asked = ask(ONE);
  port.hear(0x51);
  await settled();
  expect(asked.reply).toEqual({ kind: 'exception', code: 0x51, data: null, realTime: false });
});

test('an answer cut into single bytes is the same answer', async () => {
  const { ask, port, clock } = aLine();
  const asked = ask(CREDITS);
  for (const byte of CREDITS_ANSWER) {
    await clock.advance(GAP_MS - 1);
    port.hear(byte);
  }
  await settled();
  expect(asked.reply).toMatchObject({ kind: 'data' });
});

test('nothing within the response time is silence', async () => {
  const { ask, clock, counters } = aLine();
  const asked = ask(ONE);
  await clock.advance(RESPONSE_MS);
  expect(asked.reply).toBeUndefined();
  await clock.advance(5);
  expect(asked.reply).toEqual({ kind: 'silence' });
  expect(counters).toMatchObject({ polls: 1, replies: 0, silences: 1 });
});

test('an answer that waited in the kernel while this process was busy is no silence', async () => {
  const { ask, port, clock } = aLine();
  const asked = ask(ONE);
  // The timer comes first when the event loop is late; the bytes are read in the same turn.
  await clock.advance(RESPONSE_MS + 1);
  port.hear(0x51);
  await settled();
  expect(asked.reply).toMatchObject({ kind: 'exception', code: 0x51 });
});

test('a lone byte that may be the beginning of more counts after the gap', async () => {
  const { ask, port, clock } = aLine();
  const asked = ask(ONE);
  port.hear(0x01);
  await clock.advance(GAP_MS - 1);
  expect(asked.reply).toBeUndefined();
  await clock.advance(5);
  expect(asked.reply).toMatchObject({ kind: 'exception', code: 0x01 });
});

test('a busy reply is not an acknowledgement and an exception 00', async () => {
  const { ask, port, clock, counters } = aLine();
  const asked = ask(withCrc(Uint8Array.of(0x01, 0x01)));
  port.hear(0x01);
  await clock.advance(GAP_MS - 5);
  port.hear(0x00);
  await settled();
  expect(asked.reply).toEqual({ kind: 'busy' });
  expect(counters.busy).toBe(1);
});

test('half a frame is damaged once the line has been quiet', async () => {
  const { ask, port, clock, counters } = aLine();
  const asked = ask(CREDITS);
  port.hear(...CREDITS_ANSWER.slice(0, 4));
  await clock.advance(RESPONSE_MS);
  expect(asked.reply).toMatchObject({ kind: 'damaged', reason: 'length' });
  expect(counters).toMatchObject({ damaged: 1, crcErrors: 0 });
});

test('a wrong CRC is counted as one', async () => {
  const { ask, port, clock, counters } = aLine();
  const asked = ask(CREDITS);
  port.hear(...CREDITS_ANSWER.slice(0, 5), 0x35, ...CREDITS_ANSWER.slice(6));
  await clock.advance(RESPONSE_MS);
  expect(asked.reply).toMatchObject({ kind: 'damaged', reason: 'crc' });
  expect(counters).toMatchObject({ damaged: 1, crcErrors: 1 });
});

test('a reply with bytes behind it is damaged, and the bytes are counted', async () => {
  const { ask, port, clock, counters } = aLine();
  const asked = ask(ONE);
  port.hear(0x51, 0x51, 0x51);
  await clock.advance(RESPONSE_MS);
  expect(asked.reply).toMatchObject({ kind: 'damaged' });
  expect(counters.discardedBytes).toBe(2);
});

test('noise without end ends the reply', async () => {
  const { ask, port, clock } = aLine();
  const asked = ask(CREDITS);
  for (let ms = 0; ms < 400; ms += 2) {
    port.hear(0x5a, 0x5a, 0x5a);
    await clock.advance(2);
  }
  expect(asked.reply).toMatchObject({ kind: 'damaged' });
});

test('bytes nobody asked for are counted and forgotten', async () => {
  const { port, counters, exchange } = aLine();
  port.hear(0x01, 0x02, 'error', 0x03);
  expect(counters).toMatchObject({ discardedBytes: 4, streamErrors: 1 });
  expect(exchange.isTroubled(100)).toBe(true);
});

test('a chirp is neither an answer nor an acknowledgement', async () => {
  const { ask, port, clock, counters, exchange } = aLine();
  port.hear(mark(0x11));
  expect(exchange.isTroubled(100)).toBe(true);
  const asked = ask(generalPoll(0x11));
  port.hear(mark(0x11));
  await clock.advance(RESPONSE_MS + 5);
  expect(asked.reply).toEqual({ kind: 'silence' });
  expect(counters).toMatchObject({ chirps: 2, discardedBytes: 0 });
});

test('a port that closes ends the wait without a reply', async () => {
  const { ask, port, closings } = aLine();
  const asked = ask(ONE);
  port.unplug(new Error('gone'));
  await settled();
  expect(asked.reply).toBeNull();
  expect(closings).toEqual([new Error('gone')]);
});

test.each([
  ['the same general poll', ONE, ONE, ['81', '80', '81']],
  ['the same long poll', CREDITS, CREDITS, ['01 1A', '80', '01 1A']],
  ['a long poll after a general poll', ONE, CREDITS, ['81', '01 1A']],
  ['another long poll', Uint8Array.of(0x01, 0x11), CREDITS, ['01 11', '01 1A']],
  ['the same poll of another machine', generalPoll(2), ONE, ['82', '81']],
])('%s acknowledges what was answered before', async (_, first, second, expected) => {
  const { ask, port, clock } = aLine();
  ask(first);
  await clock.advance(RESPONSE_MS + 5);
  ask(second);
  await clock.advance(RESPONSE_MS + 5);
  expect(port.sent).toEqual(expected);
});

test('a repetition is sent bare, so that it asks for the same answer again', async () => {
  const { ask, port, clock } = aLine();
  ask(ONE);
  await clock.advance(RESPONSE_MS + 5);
  ask(ONE, { repeat: true });
  expect(port.sent).toEqual(['81', '81']);
});

test('after trouble a lone byte with another behind it is damaged: either may be of another machine', async () => {
  const { ask, port, clock, exchange } = aLine();
  exchange.noteTrouble();
  const late = ask(ONE);
  port.hear(0x00);
  await settled();
  expect(late.reply).toBeUndefined();
  port.hear(0x51);
  await clock.advance(GAP_MS + 5);
  expect(late.reply).toMatchObject({ kind: 'damaged' });

  const lone = ask(ONE, { repeat: true });
  port.hear(0x51);
  await clock.advance(2);
  expect(lone.reply).toMatchObject({ kind: 'exception', code: 0x51 });
});

test('after trouble the poll nobody answers is said three times, because nobody tells whether it was heard', async () => {
  const { port, exchange } = aLine();
  exchange.acknowledge();
  exchange.noteTrouble();
  exchange.acknowledge();
  expect(port.sent).toEqual(['80', '80', '80', '80']);
});

test('a poll that was not answered may not have been heard: it acknowledges nothing for certain', async () => {
  const { ask, port, clock } = aLine();
  ask(ONE);
  port.hear(0x51);
  await settled();
  ask(CREDITS);
  await clock.advance(RESPONSE_MS + 5);
  ask(ONE);
  expect(port.sent).toEqual(['81', '01 1A', '80', '81']);
});
