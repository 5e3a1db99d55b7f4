import type { RealtimeFacts } from '../graphql/context.ts';
import type { RateLimitOptions } from './rate-limiter.ts';

/** Every bound of the transport, by name. */
export interface Limits {
  /** Of a request body. */
  readonly maxBodyBytes: number;
  /** For a whole request body to arrive. */
  readonly bodyTimeoutMs: number;
  /** For the head of a request to arrive. */
  readonly headersTimeoutMs: number;
  /** From an answer to the next request on its connection; longer than proxies keep theirs (60 s), or they ask on one that is just closed. */
  readonly keepAliveTimeoutMs: number;
  /** For more of a file to leave: whoever reads no more of it would keep it open for ever. */
  readonly downloadIdleMs: number;

  /** Of one document: lexical tokens. */
  readonly maxTokens: number;
  /** Of one document: brackets open at a time, before the recursive parser sees them. */
  readonly maxNesting: number;
  /** Of one name in a document: an answer repeats it in every entry of a list and in every error's path. */
  readonly maxNameCharacters: number;
  /** Of one operation: fields below each other. Introspection has a rule of its own. */
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  /** Of one operation, as Pothos counts: one for a field, times the entries of a list or page. */
  readonly maxComplexity: number;
  /** Reported of one document. */
  readonly maxErrors: number;
  /** Tokens of validated documents kept in memory for the next time. */
  readonly documentCacheTokens: number;
  /** Of the texts that are kept by the hash they were sent with. */
  readonly persistedDocumentBytes: number;

  /** Open in this process, WebSockets and streams of server-sent events together. */
  readonly maxSockets: number;
  /** Of them, those from one address (IPv6: from one /64). */
  readonly maxSocketsPerAddress: number;
  /** Of them, those of one user, device or API key, whatever sessions they are of. */
  readonly maxSocketsPerUser: number;
  /** Running on one socket at a time. */
  readonly maxOperationsPerSocket: number;
  /** Of one message from a client. */
  readonly maxMessageBytes: number;
  /** Written to one socket and not yet taken by the network; beyond it the reader is too slow. */
  readonly maxBufferedBytes: number;
  /** Of one stream, waiting to be executed; beyond it its subscribers read them from the log instead. */
  readonly maxQueuedEvents: number;
  /** For `connection_init` to come. */
  readonly initTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly ssePingIntervalMs: number;
  /** Before the end of what a socket was opened with: the client is told, so that it can renew it. */
  readonly expiryNoticeMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxBodyBytes: 1024 * 1024,
  bodyTimeoutMs: 15_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 75_000,
  downloadIdleMs: 60_000,
  maxTokens: 2_000,
  maxNesting: 40,
  maxNameCharacters: 200,
  maxDepth: 15,
  maxAliases: 15,
  maxDirectives: 10,
  maxComplexity: 10_000,
  maxErrors: 20,
  documentCacheTokens: 50_000,
  persistedDocumentBytes: 4 * 1024 * 1024,
  maxSockets: 10_000,
  maxSocketsPerAddress: 1_000,
  maxSocketsPerUser: 100,
  maxOperationsPerSocket: 100,
  maxMessageBytes: 256 * 1024,
  maxBufferedBytes: 1024 * 1024,
  maxQueuedEvents: 1_024,
  initTimeoutMs: 3_000,
  pingIntervalMs: 30_000,
  ssePingIntervalMs: 15_000,
  expiryNoticeMs: 60_000,
};

/** The clocks of a connection, as clients are told of them. */
export const realtimeTimes = (limits: Limits) => ({
  heartbeatIntervalSeconds: limits.pingIntervalMs / 1_000,
  initTimeoutSeconds: limits.initTimeoutMs / 1_000,
  expiryNoticeSeconds: limits.expiryNoticeMs / 1_000,
  sseHeartbeatIntervalSeconds: limits.ssePingIntervalMs / 1_000,
});

/** What `realtimeInfo` tells clients of these limits. */
export function realtimeFacts(
  limits: Limits,
  { connectsPerAddress, connectsPerUser }: RateLimitOptions,
): Omit<RealtimeFacts, 'authentication' | 'resumeWindowSeconds'> {
  return {
    protocols: ['graphql-transport-ws'],
    ...realtimeTimes(limits),
    maxMessageBytes: limits.maxMessageBytes,
    maxOperationsPerSocket: limits.maxOperationsPerSocket,
    maxBufferedBytes: limits.maxBufferedBytes,
    maxConnectionsPerAddress: limits.maxSocketsPerAddress,
    maxConnectionsPerUser: limits.maxSocketsPerUser,
    maxConnectsPerAddress: connectsPerAddress,
    maxConnectsPerUser: connectsPerUser,
  };
}

/** How soon a client may come back to a server that is being replaced. */
export const RETRY_AFTER_MS = 1_000;

/** How many are asked to come back in the same second: all at once they would not all be let in. */
export const RECONNECTS_PER_SECOND = 1_000;
