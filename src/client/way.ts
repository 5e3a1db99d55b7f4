import type { GraphqlError } from './errors.ts';
import type { Followed } from './followed.ts';
import type { Result } from './operation.ts';

/** A way over which operations run: one socket, event streams, or queries that are asked again and again. */
export interface Way {
  readonly kind: WayKind;
  /** Runs it once. Answers how to stop it, after which nothing more is told. */
  begin(operation: Followed, events: RunEvents): () => void;
}

export type WayKind = 'SOCKET' | 'SSE' | 'POLLING';

export interface RunEvents {
  /** The way carries it: what failed before counts no more. */
  begun(): void;
  next(result: Result): void;
  /** It was refused or ended with these errors; null: it is complete. With the token of its own, where it has one. */
  ended(errors: readonly GraphqlError[] | null, token?: string | null): void;
  /** The way did not carry it. */
  lost(error: unknown): void;
}
