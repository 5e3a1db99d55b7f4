/** What the processes of the fan-out bench tell each other over IPC. Times are milliseconds of the machine's monotonic clock. */

/** A server of the contest, or for floorwire the process that writes to its log. */
export interface ServerTask {
  readonly connection: string;
  readonly venueId: string;
  /** One per private topic; public events are of the first. */
  readonly machineIds: readonly string[];
}

export type ServerCommand =
  /** One event for each entry, a place in `machineIds`, handed over together. */
  | { readonly do: 'publish'; readonly topics: readonly number[] }
  /** Memory means something only after a collection, which costs CPU. */
  | { readonly do: 'measure'; readonly collect: boolean };

export interface Published {
  readonly at: number;
}

export interface Measurement {
  /** User and system, since the process began. */
  readonly cpuMs: number;
  /** Heap and what hangs on it outside. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Resolutions of the subscription's field since the process began, null where nothing counts them. */
  readonly executions: number | null;
  /** Writes to client sockets since the process began, as the kernel was asked for them. */
  readonly writes: number;
}

export interface ClientTask {
  readonly port: number;
  /** What each socket says, a message when the one before was answered; the last is not waited for. */
  readonly hellos: readonly (readonly string[])[];
}

export type ClientCommand =
  /** Answered when so many frames have come since the last reset. */
  | { readonly do: 'expect'; readonly frames: number }
  | { readonly do: 'count' }
  /** Counts anew, and takes down when the frames of the first sockets come. */
  | { readonly do: 'reset'; readonly sampled: number };

export interface Count {
  readonly frames: number;
  /** Sockets that got at least one frame. */
  readonly reached: number;
  readonly closed: number;
  /** Of each sampled socket: when its frames came. */
  readonly arrivals: readonly (readonly number[])[];
}

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
