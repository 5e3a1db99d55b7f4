import { createHash } from 'node:crypto';
import type { AskedDocument } from './asked-document.ts';
import type { PrepareDocument, PreparedDocument } from './documents.ts';
import { HashMismatchError, PersistedQueryNotFoundError, UnlistedDocumentError } from './errors.ts';
import { asGraphQLError } from './operations.ts';
import { createRecentlyUsed } from './recently-used.ts';

/** Finds the document that is asked for, by its text or its hash, and prepares it. */
export type PrepareAsked = (asked: AskedDocument) => PreparedDocument;

/** Documents that are known beforehand. */
export interface ListedDocuments {
  /** Their texts, by hash. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether there are no others. */
  readonly isAll: boolean;
}

export const NONE_LISTED: ListedDocuments = { texts: new Map(), isAll: false };

export interface PersistedDocumentsOptions {
  readonly prepare: PrepareDocument;
  readonly listed: ListedDocuments;
  readonly persistedDocumentBytes: number;
}

/**
 * Documents by their hash: those that are listed, and those that a client has sent together with it. Each process
 * learns them by itself; where one is not known, the client sends the text once more.
 */
export function createPersistedDocuments({
  prepare,
  listed,
  persistedDocumentBytes: maxBytes,
}: PersistedDocumentsOptions): PrepareAsked {
  const listedTexts = new Set(listed.texts.values());
  const learned = createRecentlyUsed<string>(maxBytes);

  return ({ query, hash }) => {
    const known = hash === null ? null : (listed.texts.get(hash) ?? learned.get(hash));
    const text = query ?? known;
    if (listed.isAll && (text === null || !listedTexts.has(text)))
      return refused(new UnlistedDocumentError());
    if (text === null) return refused(new PersistedQueryNotFoundError());
    if (hash !== null && text !== known && hashOf(text) !== hash) return refused(new HashMismatchError());
    const prepared = prepare(text);
    const bytes = bytesOf(text);
    // A few large ones would drive out all that are in use.
    const isNew = hash !== null && known === null && bytes <= maxBytes * LARGEST_SHARE;
    if (isNew && prepared.document) learned.set(hash, text, bytes);
    return prepared;
  };
}

const LARGEST_SHARE = 1 / 16;

const refused = (error: Error): PreparedDocument => ({ document: null, errors: [asGraphQLError(error)] });

/** SHA-256 of a text in UTF-8, in lower case. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What an entry takes beside its text. */
const ENTRY_BYTES = 300;

const bytesOf = (text: string): number => ENTRY_BYTES + 2 * text.length;
