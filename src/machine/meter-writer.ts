import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import type { SasLine } from './machine.ts';
import type { MeterSnapshot } from './meter.ts';
import { type MeterReading, recordMeters } from './meter-service.ts';

export interface MeterWriterOptions {
  readonly line: SasLine;
  readonly runWork: RunWork;
  /** Told what a reading changed, once that is on record. */
  readonly onChanged: (snapshot: MeterSnapshot) => void;
  readonly logger: Logger;
}

export interface MeterWriter extends AsyncDisposable {
  /** Of what waits for one machine the newest stays. */
  add(reading: MeterReading): void;
  /** Resolves once every reading added so far is on record. Rejects when the line ends before. */
  written(): Promise<void>;
}

const INGEST = system('sas');
const RETRY_MS = 250;
const IDLE_MS = 60_000;

interface WrittenListener {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Collects the readings of a line while one transaction is under way, and writes them all with the next. */
export function startMeterWriter({ line, runWork, onChanged, logger }: MeterWriterOptions): MeterWriter {
  const waiting = new Map<string, MeterReading>();
  const listeners: WrittenListener[] = [];
  let ended = false;
  const writer = startWakeable({
    idleMs: IDLE_MS,
    onError(error) {
      logger.warn({ err: error, line: line.name }, 'meters not written');
    },
    async run() {
      const told = listeners.splice(0);
      if (waiting.size === 0) {
        for (const { resolve } of told) resolve();
        return 'idle';
      }
      const readings = [...waiting.values()];
      waiting.clear();
      try {
        const changed = await runWork(INGEST, (work) => recordMeters(work, line.venueId, readings));
        for (const snapshot of changed) onChanged(snapshot);
        for (const { resolve } of told) resolve();
      } catch (error) {
        listeners.unshift(...told);
        for (const reading of readings)
          if (!waiting.has(reading.machineId)) waiting.set(reading.machineId, reading);
        logger.warn({ err: error, line: line.name }, 'meters not written yet');
        return RETRY_MS;
      }
      return 'again';
    },
  });
  return {
    add(reading) {
      const earlier = waiting.get(reading.machineId);
      waiting.set(reading.machineId, earlier ? merge(earlier, reading) : reading);
      writer.wake();
    },
    written() {
      return new Promise((resolve, reject) => {
        if (ended) return reject(new Error('The line ended before its meters were written.'));
        listeners.push({ resolve, reject });
        writer.wake();
      });
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      await writer[Symbol.asyncDispose]();
      const error = new Error('The line ended before its meters were written.');
      for (const { reject } of listeners.splice(0)) reject(error);
    },
  };
}

/** A later reading replaces what it holds of an earlier one; the rest of that still stands. */
const merge = (earlier: MeterReading, later: MeterReading): MeterReading => ({
  ...later,
  values: new Map([...earlier.values, ...later.values]),
});
