import { expect, test } from 'vitest';
import { generalPoll, type Reply } from '../../../src/sas/codec/frame.ts';
import { Exchange } from '../../../src/sas/host/exchange.ts';
import { createPortListeners } from '../../../src/sas/host/port-listeners.ts';
import { newCounters } from '../../../src/sas/host/statistics.ts';
import { aManualClock, settled } from './manual-clock.ts';
import { aScriptedPort } from './scripted-port.ts';

const ONE = generalPoll(1);
const RESPONSE_MS = 40;

/** A port that tells when a message has left, which is when the test says so. */
function aLine() {
  const clock = aManualClock();
  const listeners = createPortListeners();
  const port = { ...aScriptedPort(), ...listeners };
  const counters = newCounters();
  const timing = { responseTimeoutMs: RESPONSE_MS, interByteGapMs: 20, suspicionMs: 5_000 };
  const exchange = new Exchange(port, { clock, timing, counters }, () => {});
  const ask = () => {
    const asked: { reply: Reply | null | undefined } = { reply: undefined };
    void exchange.ask(ONE, { repeat: true }).then((reply) => {
      asked.reply = reply;
    });
    return asked;
  };
  return {
    clock,
    exchange,
    counters,
    ask,
    sent: (gapMs: number | null = null) => listeners.sent({ hasLeft: true, gapMs }),
    listeners,
  };
}

test('a machine has its response time from when the message has left', async () => {
  const { ask, clock, sent } = aLine();
  const asked = ask();
  await clock.advance(300);
  sent();
  await clock.advance(RESPONSE_MS);
  expect(asked.reply).toBeUndefined();
  await clock.advance(5);
  expect(asked.reply).toEqual({ kind: 'silence' });
});

test('an acknowledgement that leaves late does not count for the message behind it', async () => {
  const { ask, clock, sent, exchange } = aLine();
  void exchange.acknowledge();
  const asked = ask();
  await clock.advance(300);
  sent();
  await clock.advance(300);
  expect(asked.reply).toBeUndefined();
  sent();
  await clock.advance(RESPONSE_MS + 5);
  expect(asked.reply).toEqual({ kind: 'silence' });
});

test('a machine counts as told once that has left, and never when it was dropped or the port closed', async () => {
  const { exchange, sent, listeners } = aLine();
  const heard: boolean[] = [];
  const tell = () => void exchange.acknowledge().then((hasLeft) => heard.push(hasLeft));
  for (let times = 0; times < 3; times += 1) tell();
  await settled();
  expect(heard).toEqual([]);
  sent();
  listeners.sent({ hasLeft: false, gapMs: null });
  await settled();
  expect(heard).toEqual([true, false]);
  listeners.closed(null);
  tell();
  await settled();
  expect(heard).toEqual([true, false, false, false]);
});

test('an answer that is here before it was told that the question had left is the answer', async () => {
  const { ask, sent, listeners, clock } = aLine();
  const asked = ask();
  listeners.heard([0x51]);
  sent();
  await settled();
  expect(asked.reply).toMatchObject({ kind: 'exception', code: 0x51 });
  const next = ask();
  await clock.advance(300);
  expect(next.reply).toBeUndefined();
});

test('pauses of more than 4 ms are counted, and the longest is known', () => {
  const { counters, sent } = aLine();
  expect(counters).toMatchObject({ longGaps: 0, worstGapMs: null });
  for (const gapMs of [1, null, 4, 4.5, 2]) sent(gapMs);
  expect(counters).toMatchObject({ longGaps: 1, worstGapMs: 4.5 });
});
