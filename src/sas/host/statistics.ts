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
  /** How often it called out that it hears nobody. */
  readonly chirps: number;
  /** From the request to the whole reply: a moving average of about the last ten, and the worst. */
  readonly roundTripMs: number | null;
  readonly worstRoundTripMs: number | null;
}

export interface LineCounters {
  /** Requests that a machine should answer. */
  polls: number;
  /** Those of the polls that asked for the same answer again. */
  retries: number;
  /** Messages to all machines, which nobody answers: clocks and progressives. */
  broadcasts: number;
  /** Whole replies, `busy` and `nacks` among them. */
  replies: number;
  /** Polls nobody answered in time; looking for machines brings many. */
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
  /**
   * Messages with a pause of more than 4 ms inside: beyond 5 ms a machine takes the message for broken off (SAS.md 1).
   * Only what real ports and port servers send is measured.
   */
  longGaps: number;
  /** The longest such pause there was; null before one was measured. */
  worstGapMs: number | null;
  /** How often nobody on the line answered any more, though somebody had. */
  loopBreaks: number;
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
    retries: 0,
    broadcasts: 0,
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
    longGaps: 0,
    worstGapMs: null,
    loopBreaks: 0,
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
  chirps: number;
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
    chirps: 0,
    roundTripMs: null,
    worstRoundTripMs: null,
  };
}

const LONG_GAP_MS = 4;

export function countGap(counters: LineCounters, gapMs: number): void {
  if (gapMs > LONG_GAP_MS) counters.longGaps += 1;
  counters.worstGapMs = Math.max(counters.worstGapMs ?? 0, gapMs);
}

const NEW_SAMPLE_WEIGHT = 0.1;

export function countRoundTrip(counters: MachineCounters, tookMs: number): void {
  const before = counters.roundTripMs ?? tookMs;
  counters.roundTripMs = before + (tookMs - before) * NEW_SAMPLE_WEIGHT;
  counters.worstRoundTripMs = Math.max(counters.worstRoundTripMs ?? 0, tookMs);
}
