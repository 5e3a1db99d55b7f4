import type { Credentials, SocketToken } from './credentials.ts';
import type { Debug } from './debug.ts';
import type { Loss } from './loss.ts';
import type { ServerFacts } from './server-facts.ts';
import { ABNORMAL, openSocket, type Socket } from './socket.ts';
import type { Timers } from './timers.ts';

export interface DialOptions {
  readonly url: string;
  readonly webSocketImpl: unknown;
  readonly timers: Timers;
  readonly debug: Debug;
  readonly credentials: Credentials;
  /** Whether to use realtime tokens where the server would take others too. */
  readonly prefersRealtimeTokens: boolean;
  readonly facts: () => Promise<ServerFacts>;
}

/** A socket that the server has accepted. */
export interface Connected {
  readonly socket: Socket;
  /** By the clock here; null when it does not end. */
  readonly expiresAt: number | null;
  readonly facts: ServerFacts;
}

export interface DialEvents {
  readonly connected: (connected: Connected) => void;
  readonly notice: (notice: Readonly<Record<string, unknown>>) => void;
  /** It did not come about, with an error; or it was closed, before or after it did. Nothing follows. */
  readonly lost: (loss: Loss) => void;
}

/** Opens a socket with a token of its own. Answers how to give it up; nothing is told after that. */
export function dial(options: DialOptions, events: DialEvents): () => void {
  let isOver = false;
  let socket: Socket | null = null;

  async function open(): Promise<void> {
    const facts = await options.facts();
    const token = await options.credentials.forSocket({ isRealtime: usesRealtimeTokens(options, facts) });
    if (isOver) return;
    const opened = openSocket({
      ...options,
      params: token.params,
      heartbeatIntervalMs: facts.heartbeatIntervalMs,
      onConnected: (ack) =>
        events.connected({ socket: opened, facts, expiresAt: expiryOf({ ack, token, facts }) }),
      onNotice: events.notice,
      onClosed: (end) => events.lost({ end, error: null }),
    });
    socket = opened;
  }
  open().catch((error) => {
    if (!isOver) events.lost({ end: ABNORMAL, error });
  });
  return () => {
    isOver = true;
    socket?.close();
  };
}

export const usesRealtimeTokens = (
  { prefersRealtimeTokens }: Pick<DialOptions, 'prefersRealtimeTokens'>,
  { isStrict }: ServerFacts,
): boolean => isStrict || prefersRealtimeTokens;

/** The server knows best. */
function expiryOf({
  ack,
  token,
  facts,
}: {
  readonly ack: Readonly<Record<string, unknown>>;
  readonly token: SocketToken;
  readonly facts: ServerFacts;
}): number | null {
  const told = typeof ack.expiresAt === 'string' ? Date.parse(ack.expiresAt) : token.expiresAt;
  return told === null || Number.isNaN(told) ? null : told - facts.clockOffsetMs;
}
