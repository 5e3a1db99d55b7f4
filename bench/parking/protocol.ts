/** What the processes of the bench of parking tell each other over IPC. */

export interface AskingTask {
  readonly port: number;
  readonly token: string;
  readonly body: string;
}

/** Asks so often, whether or not it was answered. */
export interface AskingCommand {
  readonly do: 'pace';
  readonly perSecond: number;
  readonly durationMs: number;
}

/** From when each was to be asked until it was answered. */
export interface Latencies {
  readonly ms: readonly number[];
}

export interface ReportingTask {
  readonly port: number;
  /** Of each device. */
  readonly tokens: readonly string[];
  readonly spaceIds: readonly string[];
}

/** So many reports a second by all devices together, each in its turn. */
export interface ReportingCommand {
  readonly do: 'report';
  readonly perSecond: number;
  readonly durationMs: number;
}

export interface Said {
  readonly reports: number;
  readonly seconds: number;
  /** How many spaces are taken, by all that was ever said. */
  readonly occupied: number;
}
