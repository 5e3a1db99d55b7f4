import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AuditAnchor, AuditFault, AuditVerification } from './audit.ts';

/**
 * Computes a venue's chain anew, from its beginning or behind an anchor, and compares it with what is
 * on record and with the log as far as the log still goes.
 *
 * Without an anchor kept outside, a record rewritten as a whole by whoever owns the database, log
 * included, is not told from a true one.
 */
export async function verifyAudit(
  db: Kysely<Database>,
  venueId: string,
  anchor: AuditAnchor | null,
): Promise<AuditVerification> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const isAnchored = anchor === null || (await holdsAnchor(tx, venueId, anchor));
      const chain = await verifyChain(tx, venueId, anchor);
      const head = await findHead(tx, venueId);
      const broken = isAnchored
        ? (chain.broken ?? (await verifyAgainstLog(tx, venueId)))
        : { fault: 'ANCHOR' as const, sequence: anchor.sequence };
      return { entries: chain.entries, broken, head };
    });
}

async function holdsAnchor(tx: Kysely<Database>, venueId: string, anchor: AuditAnchor): Promise<boolean> {
  const entry = await tx
    .selectFrom('audit_entry')
    .select('hash')
    .where('venue_id', '=', venueId)
    .where('sequence', '=', anchor.sequence)
    .executeTakeFirst();
  return entry?.hash.equals(anchor.hash) ?? false;
}

async function verifyChain(
  tx: Kysely<Database>,
  venueId: string,
  anchor: AuditAnchor | null,
): Promise<Pick<AuditVerification, 'entries' | 'broken'>> {
  const { rows } = await sql<{ entries: number; sequence: bigint | null; fault: AuditFault | null }>`
    with entry as (
      select *,
        coalesce(lag(sequence) over follows, ${anchor?.sequence ?? 0n}::bigint) as previous_sequence,
        coalesce(lag(hash) over follows, ${anchor?.hash ?? null}::bytea, audit_genesis(venue_id)) as previous_hash
      from audit_entry
      where venue_id = ${venueId} and sequence > ${anchor?.sequence ?? 0n}
      window follows as (order by sequence)
    ), judged as (
      select sequence, previous_sequence, case
        when sequence <> previous_sequence + 1 then 'MISSING'
        when payload is not null
          and payload_digest <> event_payload_digest(salt, venue_id, actor, payload, origin) then 'CONTENT'
        when hash <> audit_hash(previous_hash, sequence, position, type, at, payload_digest) then 'CHAIN'
      end as fault
      from entry
    ), first_fault as (
      select case when fault = 'MISSING' then previous_sequence + 1 else sequence end as sequence, fault
      from judged where fault is not null order by judged.sequence limit 1
    )
    select (select count(*)::int from judged) as entries, first_fault.sequence, first_fault.fault
    from (select) as always left join first_fault on true`.execute(tx);
  const [{ entries, sequence, fault } = { entries: 0, sequence: null, fault: null }] = rows;
  return { entries, broken: fault && { fault, sequence } };
}

/** What an end of the record that was cut off leaves behind: the log is a second witness while it lasts. */
async function verifyAgainstLog(tx: Kysely<Database>, venueId: string): Promise<AuditVerification['broken']> {
  const { rows } = await sql<{ sequence: bigint | null }>`
    select entry.sequence
    from event_log as event
    left join audit_entry as entry on entry.position = event.position
    left join audited_since as widened on widened.type = event.type and event.actor->>'kind' = 'system'
    where event.venue_id = ${venueId} and is_audited(event.type, event.actor)
      and event.position >= coalesce(widened.position, 0)
      and (entry.venue_id, entry.payload_digest, entry.type, entry.at)
        is distinct from (event.venue_id, event.payload_digest, event.type, event.at)
    order by event.position limit 1`.execute(tx);
  const [row] = rows;
  return row ? { fault: 'LOG', sequence: row.sequence } : null;
}

async function findHead(tx: Kysely<Database>, venueId: string): Promise<AuditAnchor | null> {
  const newest = await tx
    .selectFrom('audit_entry')
    .select(['sequence', 'hash'])
    .where('venue_id', '=', venueId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest ?? null;
}
