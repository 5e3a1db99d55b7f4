import { encodeMarkedStream } from '../../../src/sas/codec/marked-stream.ts';
import { MARKED_STREAM, PLAIN_STREAM } from '../../../src/sas/host/byte-stream.ts';
import type { HeardSymbol, Port } from '../../../src/sas/host/port.ts';
import { type LineCoding, MARKED_CODING, plainCoding } from '../../../src/sas/simulator/line-coding.ts';
import { aManualClock, type ManualClock, settled } from './manual-clock.ts';

/**
 * The clock of a line whose bytes travel through the kernel: it stands still while any are under way, so that an hour
 * of the line takes as long as its bytes do, and a busy processor makes no answer late.
 */
export interface Transit {
  readonly clock: ManualClock;
  /** For the machines' end of the line. */
  readonly coding: LineCoding;
  /** For the host's end. */
  watched(port: Port): Port;
}

const STUCK_MS = 30_000;

export function aTransit({ plain }: { readonly plain: boolean }): Transit {
  const stream = plain ? PLAIN_STREAM : MARKED_STREAM;
  let toEgms = 0;
  let toHost = 0;
  const clock = aManualClock({ quiet: arrived });
  const coding = plain ? plainCoding(clock) : MARKED_CODING;

  async function arrived(): Promise<void> {
    await settled();
    for (const startedMs = performance.now(); toEgms !== 0 || toHost !== 0; await settled()) {
      if (performance.now() - startedMs > STUCK_MS)
        throw new Error(`under way: ${toEgms} and ${toHost} bytes`);
    }
  }

  return {
    clock,
    coding: {
      encode(symbols) {
        const bytes = coding.encode(symbols);
        toHost += bytes.length;
        return bytes;
      },
      createDecoder() {
        const decoder = coding.createDecoder();
        return {
          push(chunk) {
            toEgms -= chunk.length;
            return decoder.push(chunk);
          },
        };
      },
    },
    watched: (port) => ({
      send(symbols) {
        toEgms += stream.encode(symbols).length;
        port.send(symbols);
      },
      onSymbols(listener) {
        port.onSymbols((symbols) => {
          toHost -= bytesOf(symbols);
          listener(symbols);
        });
      },
      onClosed: (listener) => port.onClosed(listener),
      [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
    }),
  };

  /** Faults are made of symbols, before they are bytes: the stream itself has no errors. */
  function bytesOf(symbols: readonly HeardSymbol[]): number {
    if (plain) return symbols.length;
    return encodeMarkedStream(symbols.filter((symbol) => symbol !== 'error')).length;
  }
}
