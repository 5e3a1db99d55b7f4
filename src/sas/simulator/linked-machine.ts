/** The part of a simulated machine its link may reach, and what is forgotten with the power. */
import { exceptionCode } from '../codec/exceptions.ts';
import type { Clock } from '../host/port.ts';
import type { Cabinet } from './cabinet.ts';
import type { LinkedMachine } from './egm-link.ts';
import { raise } from './exception-queue.ts';
import { offsetFor, shownTime } from './machine-clock.ts';
import { romSignature } from './program.ts';
import { hasProgressives, PROGRESSIVE_SILENCE_MS } from './progressives.ts';

export interface LinkedMachineOptions {
  readonly address: number;
  readonly cabinet: Cabinet;
  readonly clock: Clock;
}

export type VolatileMachine = LinkedMachine & Disposable;

export function createLinkedMachine({ address, cabinet, clock }: LinkedMachineOptions): VolatileMachine {
  const { settings } = cabinet;
  let realTime = false;
  let signature: number | null = null;
  let computing: Disposable | null = null;
  let progressiveWait: Disposable | null = null;

  function waitForProgressives(): void {
    progressiveWait?.[Symbol.dispose]();
    if (!hasProgressives(settings)) return;
    progressiveWait = clock.setTimer(PROGRESSIVE_SILENCE_MS, () => {
      progressiveWait = null;
      cabinet.commit(raise(cabinet.state, exceptionCode('NO_PROGRESSIVE_DATA')));
    });
  }

  waitForProgressives();
  return {
    address,
    cabinet,
    get realTime() {
      return realTime;
    },
    setRealTime(enabled) {
      realTime = enabled;
    },
    setClock(time) {
      cabinet.commit({ ...cabinet.state, clockOffsetMs: offsetFor(time, clock.date()) });
    },
    now() {
      const date = clock.date();
      return { ms: date.getTime(), shown: shownTime(date, cabinet.state.clockOffsetMs) };
    },
    startSignature(seed) {
      computing?.[Symbol.dispose]();
      signature = null;
      computing = clock.setTimer(settings.signatureMs, () => {
        signature = romSignature(settings, seed);
      });
    },
    get signature() {
      return signature;
    },
    signatureRead() {
      signature = null;
    },
    heardProgressives: waitForProgressives,
    [Symbol.dispose]() {
      computing?.[Symbol.dispose]();
      progressiveWait?.[Symbol.dispose]();
    },
  };
}
