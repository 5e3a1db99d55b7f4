-- Where a change was asked for, beside who asked: the address and the number of the request under
-- which the log of the process knows it. Personal, so it goes when the payload goes; null for what
-- floorwire does by itself. It is covered by the digest, and an event without it has the digest it
-- always had.
alter table outbox add column origin jsonb;
alter table event_log add column origin jsonb;
alter table event_log add constraint event_log_origin_erased check (payload is not null or origin is null);

create function event_payload_digest(salt bytea, venue_id uuid, actor jsonb, payload jsonb, origin jsonb) returns bytea
language sql immutable parallel safe
return sha256(salt || uuid_send(venue_id) || convert_to(actor::text, 'UTF8') || convert_to(payload::text, 'UTF8')
  || convert_to(coalesce(origin::text, ''), 'UTF8'));

create or replace function sequence_outbox(batch integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  head bigint;
  chain bytea;
  moved integer := 0;
  entry record;
begin
  if not pg_try_advisory_xact_lock(7307811, 1) then
    return null;
  end if;

  select position, hash into head, chain from event_log order by position desc limit 1;
  if not found then
    head := 0;
    select sha256(uuid_send(id)) into chain from event_log_identity;
  end if;

  for entry in
    with taken as (
      delete from outbox where id in (select id from outbox order by id limit batch) returning *
    )
    select *, uuid_send(gen_random_uuid()) as salt from taken order by id
  loop
    head := head + 1;
    moved := moved + 1;
    insert into event_log (position, venue_id, type, at, actor, origin, payload, salt, payload_digest, hash, xid)
    select head, entry.venue_id, entry.type, entry.at, entry.actor, entry.origin, entry.payload, entry.salt, digest,
           event_hash(chain, head, entry.type, entry.at, digest), entry.xid
    from event_payload_digest(entry.salt, entry.venue_id, entry.actor, entry.payload, entry.origin) as digest
    returning hash into chain;
  end loop;

  if moved > 0 then
    perform pg_notify('floorwire_log', head::text);
  end if;
  return moved;
end
$$;

drop function event_payload_digest(bytea, uuid, jsonb, jsonb);
