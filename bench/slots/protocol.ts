/** What the processes of the bench of slots tell each other over IPC. */

export const MOST_CLIENTS = 32;

export interface BareTask {
  readonly connection: string;
}

export interface AskingTask {
  readonly port: number;
  readonly token: string;
  /** Of a request each. One is drawn whenever something is asked. */
  readonly bodies: readonly string[];
}

export type AskingCommand =
  /** So many clients until the time is over: each asks again when it was answered. */
  | { readonly do: 'flood'; readonly clients: number; readonly durationMs: number }
  /** The answer to the first body. */
  | { readonly do: 'show' };

export interface Asked {
  readonly answers: number;
  readonly seconds: number;
}
