/** Counters of one line. They only grow, and are never reset while the host lives. */

export type LinkState = 'UNKNOWN' | 'ONLINE' | 'OFFLINE';

export interface MachineStatistics {
  readonly state: LinkState;
  /** The last whole reply. */
  readonly lastSeenAt: Date | null;
  readonly polls: number;
  readonly replies: number;
  readonly silences: number;
  readonly damaged: number;
  /** From the request to the whole reply: a moving average of about the last ten, and the worst. */
  readonly roundTripMs: number | null;
  readonly worstRoundTripMs: number | null;
}

export interface LineCounters {
  /** Requests that a machine should answer. */
  polls: number;
  /** Whole replies, `busy` and `nacks` among them. */
  replies: number;
  silences: number;
  /** Replies that were cut, did not fit the request or failed their CRC. */
  damaged: number;
  /** Those of the damaged replies that failed their CRC. */
  crcErrors: number;
  /** Escapes in the byte stream that mean nothing. */
  streamErrors: number;
  /** Bytes that came when no reply was awaited, or after one was complete. */
  discardedBytes: number;
  /** Bytes with the ninth bit set: machines that hear nobody (SAS.md 5.4). */
  chirps: number;
  busy: number;
  nacks: number;
  /** Exceptions that were reported. */
  exceptions: number;
  /** How often the port was opened again after it had closed. */
  reopenings: number;
  /** Calls of `report` that failed. */
  reportErrors: number;
}

export interface LineStatistics extends Readonly<LineCounters> {
  readonly machines: ReadonlyMap<number, MachineStatistics>;
}

export function newCounters(): LineCounters {
  return {
    polls: 0,
    replies: 0,
    silences: 0,
    damaged: 0,
    crcErrors: 0,
    streamErrors: 0,
    discardedBytes: 0,
    chirps: 0,
    busy: 0,
    nacks: 0,
    exceptions: 0,
    reopenings: 0,
    reportErrors: 0,
  };
}

/** What is counted for one machine; `MachineStatistics` without its state. */
export interface MachineCounters {
  lastSeenAt: Date | null;
  polls: number;
  replies: number;
  silences: number;
  damaged: number;
  roundTripMs: number | null;
  worstRoundTripMs: number | null;
}

export function newMachineCounters(): MachineCounters {
  return {
    lastSeenAt: null,
    polls: 0,
    replies: 0,
    silences: 0,
    damaged: 0,
    roundTripMs: null,
    worstRoundTripMs: null,
  };
}

const NEW_SAMPLE_WEIGHT = 0.1;

export function countRoundTrip(counters: MachineCounters, tookMs: number): void {
  const before = counters.roundTripMs ?? tookMs;
  counters.roundTripMs = before + (tookMs - before) * NEW_SAMPLE_WEIGHT;
  counters.worstRoundTripMs = Math.max(counters.worstRoundTripMs ?? 0, tookMs);
}
