-- What people, partners and devices did, and everything about who may: kept for years, after the
-- replay log has forgotten its payloads. Each venue has a chain of its own, dense and hashed, so that
-- one venue verifies without reading another's.
--
--   hash = sha256(previous hash || sequence || position || type || at || payload_digest)
--
-- and the first `previous hash` is sha256 of the identity of the log and the venue. `payload_digest` is
-- that of the event, so `payload`, `salt` and `origin` can be erased later and the chain still verifies.
create table audit_entry (
  id uuid not null default gen_random_uuid(),
  venue_id uuid not null,
  sequence bigint not null,
  position bigint not null,
  type text not null,
  at timestamptz not null,
  actor jsonb not null,
  origin jsonb,
  payload jsonb,
  salt bytea,
  payload_digest bytea not null,
  hash bytea not null,
  constraint audit_entry_pk primary key (venue_id, sequence),
  constraint audit_entry_id_unique unique (id),
  constraint audit_entry_once unique (position),
  constraint audit_entry_dense check (sequence > 0),
  constraint audit_entry_erased_together check ((payload is null) = (salt is null) and (payload is not null or origin is null))
);
create index audit_entry_by_actor on audit_entry (venue_id, (actor->>'id'), sequence);
create index audit_entry_by_type on audit_entry (venue_id, type, sequence);

create function is_audited(type text, actor jsonb) returns boolean
language sql immutable parallel safe
return type like 'auth.%' or actor->>'kind' <> 'system';

create function audit_genesis(venue_id uuid) returns bytea
language sql stable parallel safe
return sha256((select uuid_send(id) from event_log_identity) || uuid_send(venue_id));

create function audit_hash(previous bytea, sequence bigint, place bigint, type text, at timestamptz, payload_digest bytea)
returns bytea
language sql immutable strict parallel safe
return sha256(previous || int8send(sequence) || int8send(place) || convert_to(type, 'UTF8') || timestamptz_send(at) || payload_digest);

-- Puts one event of the log on the audit record. Only the sequencer calls it, under its lock.
create function keep_audit_entry(entry event_log) returns void
language plpgsql set search_path = pg_catalog, public as $$
declare
  last_sequence bigint;
  chain bytea;
begin
  select sequence, hash into last_sequence, chain from audit_entry
  where venue_id = entry.venue_id order by sequence desc limit 1;
  if not found then
    last_sequence := 0;
    chain := audit_genesis(entry.venue_id);
  end if;
  insert into audit_entry (venue_id, sequence, position, type, at, actor, origin, payload, salt, payload_digest, hash)
  values (entry.venue_id, last_sequence + 1, entry.position, entry.type, entry.at, entry.actor, entry.origin, entry.payload,
          entry.salt, entry.payload_digest,
          audit_hash(chain, last_sequence + 1, entry.position, entry.type, entry.at, entry.payload_digest));
end
$$;

-- As in 0002, with the origin, and what is audited goes on record in the same transaction.
create or replace function sequence_outbox(batch integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  head bigint;
  chain bytea;
  moved integer := 0;
  entry record;
  placed event_log;
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
    returning * into placed;
    chain := placed.hash;
    if is_audited(placed.type, placed.actor) then
      perform keep_audit_entry(placed);
    end if;
  end loop;

  if moved > 0 then
    perform pg_notify('floorwire_log', head::text);
  end if;
  return moved;
end
$$;

drop function event_payload_digest(bytea, uuid, jsonb, jsonb);

-- What the log holds so far.
do $$
declare
  entry event_log;
begin
  for entry in select * from event_log where is_audited(type, actor) order by position loop
    perform keep_audit_entry(entry);
  end loop;
end
$$;

revoke execute on function keep_audit_entry(event_log) from public;
grant select on audit_entry to floorwire_app;
