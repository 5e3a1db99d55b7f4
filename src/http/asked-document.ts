import { RequestRefusedError } from './errors.ts';

/** What document is asked for: by its text, by the hash of its text, or by both. Never by neither. */
export interface AskedDocument {
  readonly query: string | null;
  /** SHA-256 of the text: 64 hexadecimal digits in lower case. */
  readonly hash: string | null;
}

/**
 * Reads it from the members of a request or a `subscribe` message: `query`, `documentId` (GraphQL over HTTP, appendix
 * A), and `extensions.persistedQuery` (Apollo's automatic persisted queries).
 *
 * @throws RequestRefusedError
 */
export function askedDocument({
  query = null,
  documentId = null,
  extensions = null,
}: {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}): AskedDocument {
  const byId = documentId === null ? null : parseHash(documentId, 'documentId');
  const byExtension = hashIn(extensions);
  if (byId !== null && byExtension !== null && byId !== byExtension)
    throw new RequestRefusedError(400, 'documentId and persistedQuery name different documents.');
  const hash = byId ?? byExtension;
  // Clients of graphql-transport-ws, which wants a text, send an empty one beside the hash.
  if (hash !== null && (query === null || query === '')) return { query: null, hash };
  if (typeof query !== 'string') throw new RequestRefusedError(400, 'query must be a text.');
  return { query, hash };
}

function hashIn(extensions: unknown): string | null {
  if (extensions === null) return null;
  if (!isRecord(extensions)) throw new RequestRefusedError(400, 'extensions must be an object.');
  const { persistedQuery = null } = extensions;
  if (persistedQuery === null) return null;
  if (!isRecord(persistedQuery)) throw new RequestRefusedError(400, 'persistedQuery must be an object.');
  if (persistedQuery.version !== 1)
    throw new RequestRefusedError(400, 'persistedQuery is known in version 1 alone.');
  return parseHash(persistedQuery.sha256Hash, 'sha256Hash');
}

/** Bare as Apollo sends it, or with the prefix that GraphQL over HTTP gives it. @throws RequestRefusedError */
function parseHash(value: unknown, name: string): string {
  const [, hash] = typeof value === 'string' ? (DOCUMENT_ID.exec(value) ?? []) : [];
  if (hash === undefined)
    throw new RequestRefusedError(400, `${name} must be a SHA-256: 64 hexadecimal digits in lower case.`);
  return hash;
}

/** The hash alone is its only group. */
export const DOCUMENT_ID = /^(?:sha256:)?([0-9a-f]{64})$/;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
