-- What happened, in two steps: a transaction leaves its events in `outbox`; the
-- sequencer alone moves committed ones to `event_log` and gives them their place.
-- A number drawn at insert time is not commit order, so only `position` is read
-- by subscribers.

-- Which log a cursor belongs to. A restored or copied database gets another row.
create table event_log_identity (
  singleton boolean primary key default true check (singleton),
  id uuid not null default gen_random_uuid()
);
insert into event_log_identity default values;

-- No foreign keys here: a key-share lock on the one venue row would meet every
-- writer, and the log outlives what it speaks of.
create table outbox (
  id bigint generated always as identity primary key,
  venue_id uuid not null,
  type text not null,
  at timestamptz not null,
  actor jsonb not null,
  payload jsonb not null,
  xid xid8 not null default pg_current_xact_id(),
  constraint outbox_type_shape check (type ~ '^[a-z]+\.[a-z]+(-[a-z]+)*$')
);

-- `payload` and `salt` can be erased later; the chain of hashes still verifies:
--   payload_digest = sha256(salt || venue || actor || payload)
--   hash           = sha256(previous hash || position || type || at || payload_digest)
create table event_log (
  position bigint primary key check (position > 0),
  venue_id uuid not null,
  type text not null,
  at timestamptz not null,
  actor jsonb not null,
  payload jsonb,
  salt bytea,
  payload_digest bytea not null,
  hash bytea not null,
  xid xid8 not null,
  constraint event_log_erased_together check ((payload is null) = (salt is null))
);

create function event_payload_digest(salt bytea, venue_id uuid, actor jsonb, payload jsonb) returns bytea
language sql immutable strict parallel safe
return sha256(salt || uuid_send(venue_id) || convert_to(actor::text, 'UTF8') || convert_to(payload::text, 'UTF8'));

create function event_hash(previous bytea, place bigint, type text, at timestamptz, payload_digest bytea) returns bytea
language sql immutable strict parallel safe
return sha256(previous || int8send(place) || convert_to(type, 'UTF8') || timestamptz_send(at) || payload_digest);

-- Moves up to `batch` committed rows from outbox to event_log, in order of outbox.id,
-- with dense positions. Answers how many, or null while another process does it.
-- The lock is taken before the first row is read: each statement of a volatile function
-- has a snapshot of its own, so this one sees what the last holder committed.
create function sequence_outbox(batch integer) returns integer
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
    insert into event_log (position, venue_id, type, at, actor, payload, salt, payload_digest, hash, xid)
    select head, entry.venue_id, entry.type, entry.at, entry.actor, entry.payload, entry.salt, digest,
           event_hash(chain, head, entry.type, entry.at, digest), entry.xid
    from event_payload_digest(entry.salt, entry.venue_id, entry.actor, entry.payload) as digest
    returning hash into chain;
  end loop;

  if moved > 0 then
    perform pg_notify('floorwire_log', head::text);
  end if;
  return moved;
end
$$;

-- How far each reactor has come. Effect and position commit together.
create table reactor (
  name text primary key,
  position bigint not null check (position >= 0),
  moved_at timestamptz not null default now()
);

grant select on event_log_identity, event_log to floorwire_app;
grant select, insert on outbox to floorwire_app;
grant select, insert, update on reactor to floorwire_app;
revoke execute on function sequence_outbox(integer) from public;
grant execute on function sequence_outbox(integer) to floorwire_app;
