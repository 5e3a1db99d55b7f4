/** A machine whose power can be cut: what it keeps is in its memory, what it was doing is gone. */
import type { LineSymbol } from '../codec/symbol.ts';
import { createEgm, type Egm, type EgmOptions } from './egm.ts';
import type { LineMachine } from './line.ts';
import { volatileMemory } from './memory.ts';

export interface PowerSwitch extends LineMachine, Disposable {
  /** Null while the power is off. */
  readonly egm: Egm | null;
  /** Bytes heard and sent since the machine was new, those it sent as far as they were on the wire. */
  readonly bytes: number;
  /** Off already, nothing happens. */
  cutPower(): void;
  /** On already, nothing happens. */
  restorePower(): void;
  /** The power goes off with that byte, counted as `bytes` are: it is the last one heard, or the last one sent. */
  cutPowerAt(byte: number): void;
}

/** Switched on, with a memory that outlasts the power unless another is given. */
export function createPowerSwitch(options: EgmOptions): PowerSwitch {
  const memory = options.memory ?? volatileMemory();
  let egm: Egm | null = null;
  let bytes = 0;
  let lastByte = Number.POSITIVE_INFINITY;
  let reply: (bytes: Uint8Array) => void = () => {};
  let chirp: () => void = () => {};

  function restorePower(): void {
    if (egm !== null) return;
    egm = createEgm({ ...options, memory });
    egm.onReply(send);
    egm.onChirp(() => chirp());
  }

  function cutPower(): void {
    egm?.[Symbol.dispose]();
    egm = null;
  }

  function send(answer: Uint8Array): void {
    const left = Math.max(0, lastByte - bytes);
    bytes += Math.min(left, answer.length);
    if (left < answer.length) cutPower();
    if (left > 0) reply(answer.subarray(0, left));
    if (bytes >= lastByte) cutPower();
  }

  restorePower();
  return {
    address: options.address,
    get egm() {
      return egm;
    },
    get bytes() {
      return bytes;
    },
    cutPower,
    restorePower() {
      lastByte = Number.POSITIVE_INFINITY;
      restorePower();
    },
    cutPowerAt(byte) {
      lastByte = byte;
    },
    hear(symbol: LineSymbol | 'error') {
      if (egm === null) return;
      bytes += 1;
      // A byte the power went off with was heard, and nothing follows from it.
      if (bytes >= lastByte) cutPower();
      else egm.hear(symbol);
    },
    onReply(listener) {
      reply = listener;
    },
    onChirp(listener) {
      chirp = listener;
    },
    [Symbol.dispose]: cutPower,
  };
}
