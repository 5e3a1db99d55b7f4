import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { UserActor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';

/** What one domain keeps about a person. Each gives its own; `app.ts` lists them. */
export interface DataExporter {
  /** Its name in the export. */
  readonly section: string;
  /** Records of JSON values, or one; secrets and what they are kept as are not among them. */
  readonly read: (db: Kysely<Database>, userId: string) => Promise<unknown>;
}

/** Those of these sections, all for null. @throws ValidationError for none, and for a section there is not */
export function chooseExporters(
  exporters: readonly DataExporter[],
  sections: readonly string[] | null,
): readonly DataExporter[] {
  if (sections === null) return exporters;
  if (sections.length === 0) throw new ValidationError('sections takes at least one.', { field: 'sections' });
  const known = exporters.map(({ section }) => section);
  if (sections.some((section) => !known.includes(section)))
    throw new ValidationError(`The sections are ${known.join(', ')}.`, { field: 'sections' });
  return exporters.filter(({ section }) => sections.includes(section));
}

/** How many records of one kind are told at most, the newest. */
export const MAX_EXPORTED = 10_000;

/** What is kept about the person who asks, by section. That he asked goes on record. */
export async function exportData(
  work: Work,
  { userId, venueId }: UserActor,
  exporters: readonly DataExporter[],
): Promise<Readonly<Record<string, unknown>>> {
  const sections: Record<string, unknown> = {};
  for (const { section, read } of exporters) sections[section] = await read(work.tx, userId);
  work.emit({ type: 'auth.data-exported', venueId, userId });
  return sections;
}
