import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { addDays, dayOf } from '../../src/lib/calendar.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Bank } from '../wallet/bank.ts';

const TIME_ZONE = 'Europe/Vienna';
const HOURS = 24;
const MOST_DAYS = 400;

/** A day of a resource as the database names it, and as the API does. */
export interface BookedDay {
  readonly resourceId: string;
  readonly globalId: string;
  readonly date: string;
}

/** Resources of hourly slots, booked without a gap up to the end of tomorrow: so many bookings in all. */
export async function fillHall(bank: Bank, bookings: number): Promise<readonly BookedDay[]> {
  const resources = Math.ceil(bookings / (MOST_DAYS * HOURS));
  const ids = Array.from({ length: resources }, newId);
  const hours = Math.floor(bookings / resources);
  await bank.asOwner(NAME, [bank.venueId]);
  await bank.asOwner(MAKE, [bank.venueId, ids]);
  await bank.asOwner(TAKE_DOWN);
  await bank.asOwner(FILL, [bank.venueId, ids, hours]);
  await bank.asOwner(PUT_UP);
  await bank.asOwner('vacuum analyze');
  const last = addDays(dayOf(new Date(), TIME_ZONE), 1);
  // The first day may be booked in part.
  const days = Array.from({ length: Math.floor(hours / HOURS) - 1 }, (_, back) => addDays(last, -back));
  return ids.flatMap((resourceId) => {
    const globalId = encodeGlobalId('Resource', resourceId);
    return days.map((date) => ({ resourceId, globalId, date }));
  });
}

const NAME = `update app_user set display_name = 'Player ' || username where venue_id = $1`;

const MAKE = `
  insert into resource (id, venue_id, kind, name, currency, slot_minutes, opening_hours, bookable_days, free_cancellation_minutes,
    late_refund_percent, created_at, updated_at)
  select id, $1, 'TABLE', 'Table ' || id, 'USD', 60,
    (select jsonb_agg(jsonb_build_object('weekday', day, 'opensAt', 0, 'closesAt', 1440)) from generate_series(1, 7) day),
    366, 0, 0, now(), now()
  from unnest($2::uuid[]) id`;

/** What is seen of a million rows sooner at once than a million times: constraints and indexes, but for primary keys. */
const TAKE_DOWN = `
  create table taken_down as
    select case contype when 'f' then 2 else 1 end as level, format('alter table %s drop constraint %I', conrelid::regclass, conname) as down,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as up
    from pg_constraint where conrelid in ('booking'::regclass, 'slot_claim'::regclass) and contype in ('u', 'x', 'f')
    union all
    select 1, format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index where indrelid in ('booking'::regclass, 'slot_claim'::regclass)
      and not exists (select from pg_constraint where conindid = indexrelid and contype <> 'f');
  do $$ declare each record; begin
    for each in select down from taken_down order by level desc loop execute each.down; end loop;
  end $$`;

/** As they were. @throws what the rows violate */
const PUT_UP = `
  set maintenance_work_mem = '512MB';
  do $$ declare each record; begin
    for each in select up from taken_down order by level loop execute each.up; end loop;
  end $$;
  drop table taken_down`;

/** As the services would have left them; what triggers look at is right by construction. */
const FILL = `
  with replica as (select set_config('session_replication_role', 'replica', false)),
  player as (select array_agg(id order by username) as ids from app_user where venue_id = $1 and username like 'player-%'),
  hour as materialized (
    select uuidv7() as id, uuidv7() as claim_id, resource_id,
      midnight - n * interval '1 hour' as starts_at, midnight - (n - 1) * interval '1 hour' as ends_at,
      player.ids[1 + (n % cardinality(player.ids))] as user_id
    from replica, player, unnest($2::uuid[]) resource_id, generate_series(1, $3::integer) n,
      (select ((now() at time zone '${TIME_ZONE}')::date + 2)::timestamp at time zone '${TIME_ZONE}' as midnight) at
  ),
  booked as (
    insert into booking (id, venue_id, resource_id, user_id, starts_at, ends_at, currency, booked_at, booked_by, changed_at)
    select id, $1, resource_id, user_id, starts_at, ends_at, 'USD', now(), '{"kind": "system", "id": "bench"}', now() from hour
  )
  insert into slot_claim (id, venue_id, resource_id, first_seat, last_seat, starts_at, ends_at, kind, user_id, booking_id,
    created_at, created_by)
  select claim_id, $1, resource_id, 0, 0, starts_at, ends_at, 'BOOKING', user_id, id, now(), '{"kind": "system", "id": "bench"}'
  from hour`;
