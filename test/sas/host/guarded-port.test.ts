import { expect, test } from 'vitest';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { guardPort } from '../../../src/sas/host/guarded-port.ts';
import type { Sent } from '../../../src/sas/host/port.ts';
import { createPortListeners } from '../../../src/sas/host/port-listeners.ts';
import { aScriptedPort } from './scripted-port.ts';

const GENERAL_POLL = messageSymbols(Uint8Array.of(0x81));

test('what may not be sent is told at once, so that nobody waits for it', () => {
  const listeners = createPortListeners();
  const inner = { ...aScriptedPort(), onSent: listeners.onSent };
  let maySend = true;
  const port = guardPort(inner, () => maySend);
  const sent: Sent[] = [];
  port.onSent?.((each) => sent.push(each));

  port.send(GENERAL_POLL);
  listeners.sent({ hasLeft: true, gapMs: 1.5 });
  maySend = false;
  port.send(GENERAL_POLL);
  expect(inner.sent).toEqual(['81']);
  expect(sent).toEqual([
    { hasLeft: true, gapMs: 1.5 },
    { hasLeft: false, gapMs: null },
  ]);
});

test('a port that cannot tell when something was sent cannot through a guard either', () => {
  expect(guardPort(aScriptedPort(), () => true).onSent).toBeUndefined();
});
