import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AuditFault } from './audit.ts';

export interface LogVerification {
  /** How many events were looked at: those that are still kept. */
  readonly events: number;
  /** The first thing that is wrong; null when nothing is. */
  readonly broken: {
    readonly fault: Extract<AuditFault, 'MISSING' | 'CONTENT' | 'CHAIN'>;
    readonly position: bigint;
  } | null;
}

/** Computes the chain of the event log of all venues anew, from its beginning or behind what it has forgotten. */
export async function verifyLog(db: Kysely<Database>): Promise<LogVerification> {
  const { rows } = await sql<{
    events: number;
    position: bigint | null;
    fault: NonNullable<LogVerification['broken']>['fault'] | null;
  }>`
    with event as (
      select event_log.*,
        coalesce(lag(event_log.position) over follows, anchor.position, 0) as previous_position,
        coalesce(lag(event_log.hash) over follows, anchor.hash, sha256(uuid_send(identity.id))) as previous_hash
      from event_log cross join event_log_identity as identity left join event_log_anchor as anchor on true
      window follows as (order by event_log.position)
    ), judged as (
      select position, previous_position, case
        when position <> previous_position + 1 then 'MISSING'
        when payload is not null
          and payload_digest <> event_payload_digest(salt, venue_id, actor, payload, origin) then 'CONTENT'
        when hash <> event_hash(previous_hash, position, type, at, payload_digest) then 'CHAIN'
      end as fault
      from event
    ), first_fault as (
      select case when fault = 'MISSING' then previous_position + 1 else position end as position, fault
      from judged where fault is not null order by judged.position limit 1
    )
    select (select count(*)::int from judged) as events, first_fault.position, first_fault.fault
    from (select) as always left join first_fault on true`.execute(db);
  const [{ events, position, fault } = { events: 0, position: null, fault: null }] = rows;
  return { events, broken: fault && position !== null ? { fault, position } : null };
}
