import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { buildSchema } from '../graphql/schema.ts';
import { DOCUMENT_ID } from '../http/asked-document.ts';
import { createDocuments, type PrepareDocument } from '../http/documents.ts';
import { hashOf, type ListedDocuments, NONE_LISTED } from '../http/persisted-documents.ts';

const file = z.record(z.string(), z.string('is no text'), 'is no object of texts by their hashes');

/**
 * The documents of PERSISTED_DOCUMENTS, all of which this server can run.
 *
 * @throws ConfigError with a line for each that it cannot
 */
export async function readListedDocuments({
  persistedDocumentsFile: path,
  persistedDocumentsOnly: isAll,
  limits,
}: Config): Promise<ListedDocuments> {
  if (path === null) return NONE_LISTED;
  const entries = Object.entries(await readEntries(path));
  const prepare = createDocuments(buildSchema(), limits);
  const problems = entries.flatMap(([id, text]) => problemOf(id, text, prepare) ?? []);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => lineOf(path, problem)));
  return { texts: new Map(entries.map(([, text]) => [hashOf(text), text])), isAll };
}

async function readEntries(path: string): Promise<Readonly<Record<string, string>>> {
  try {
    const parsed = file.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new Error(parsed.error.issues.map((issue) => [...issue.path, issue.message].join(' ')).join(', '));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([lineOf(path, `cannot be used: ${reason}`)]);
  }
}

function problemOf(id: string, text: string, prepare: PrepareDocument): string | null {
  // graphql-codegen takes another hash unless it is told which.
  if (DOCUMENT_ID.exec(id)?.[1] !== hashOf(text)) return `${id} is not the SHA-256 of its document`;
  const [error] = prepare(text).errors ?? [];
  return error ? `${id} cannot be run: ${error.message}` : null;
}

const lineOf = (path: string, problem: string) => `PERSISTED_DOCUMENTS: ${path} ${problem}`;
