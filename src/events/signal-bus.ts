import { setImmediate as endOfTurn, setTimeout as pause } from 'node:timers/promises';
import { newId } from '../lib/ids.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { Carrier, CarrierOptions } from './carrier.ts';
import type { Signal } from './events.ts';
import { createLatestSignals } from './latest-signals.ts';
import { decodeMessage, encodeMessage } from './signal-codec.ts';

/** What this process says to the others. It never waits for them. */
export interface SignalBus extends Wakeable {
  /** Tells the others, by and by; of each subject the newest. */
  send(signal: Signal): void;
  /** Tells the others that the log has grown. */
  wakeOthers(): void;
}

export interface SignalBusOptions {
  readonly startCarrier: (options: CarrierOptions) => Carrier;
  readonly onSignal: (signal: Signal) => void;
  readonly onWake: () => void;
  /** Signals were lost: whoever shows state reads it again. */
  readonly onLost: () => void;
  readonly onError: (error: unknown) => void;
}

/** Of one message. */
const BATCH = 256;
const RETRY_MS = 250;

/**
 * Signals between processes. They may get lost, and that is made up for: whoever was away, or could not
 * say what it had to say, has state read again once it is back.
 */
export function startSignalBus(options: SignalBusOptions): SignalBus {
  const { startCarrier, onSignal, onWake, onLost, onError } = options;
  const me = newId();
  const waiting = createLatestSignals();
  let wake = false;
  /** Something of ours did not get through. */
  let isLost = false;
  /** Before it is open for the first time, what there is to say can wait. */
  let isOpen = false;

  function hear(text: string): void {
    try {
      const message = decodeMessage(text, me);
      if (!message) return;
      if (message.wake) onWake();
      if (message.isLost) onLost();
      for (const signal of message.signals) onSignal(signal);
    } catch (error) {
      onError(error);
    }
  }

  const carrier = startCarrier({
    hear,
    onListening() {
      isOpen = true;
      onLost();
      loop.wake();
    },
    onError,
  });

  const loop = startWakeable({
    idleMs: RETRY_MS,
    onError,
    async run() {
      // What is said in one turn goes in one message.
      await endOfTurn();
      if (!isOpen || (waiting.size === 0 && !wake && !isLost)) return 'idle';
      const message = { from: me, isLost, wake, signals: waiting.take(BATCH) };
      wake = false;
      const wasLost = isLost;
      try {
        await carrier.send(encodeMessage(message));
        isLost = false;
      } catch (error) {
        isLost = true;
        // Once an outage; the next try comes by itself.
        if (!wasLost) onError(error);
        await pause(RETRY_MS);
        return 'again';
      }
      return waiting.size > 0 ? 'again' : 'idle';
    },
  });

  return {
    wake: loop.wake,
    send(signal) {
      waiting.add(signal);
      loop.wake();
    },
    wakeOthers() {
      wake = true;
      loop.wake();
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await carrier[Symbol.asyncDispose]();
    },
  };
}
