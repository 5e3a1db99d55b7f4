-- What cursors need: a log that knows when it became another one, forgets what is old, and finds the
-- events of one type.

-- Which log a cursor belongs to. `event_log_identity` begins the chains of hashes and goes wherever the
-- data goes; in a copy or a restored database positions come to stand for other events, so cursors of
-- the one must not be read in the other. `made_in` is where this row was made: whoever starts a log
-- compares.
create table event_log_incarnation (
  singleton boolean primary key default true,
  id uuid not null,
  made_in text not null,
  made_at timestamptz not null default now(),
  constraint event_log_incarnation_one check (singleton)
);

-- Cluster, timeline, database and table: the first differs in another cluster, the second after recovery
-- to a point in time and on a standby that took over, the third in a copy, the last in a restored dump.
create function event_log_place() returns text
language sql volatile set search_path = pg_catalog, public
return format('%s/%s/%s/%s',
  (select system_identifier from pg_control_system()),
  left(pg_walfile_name(pg_current_wal_lsn()), 8),
  (select oid from pg_database where datname = current_database()),
  'event_log'::regclass::oid);

-- Cursors given out so far stay good.
insert into event_log_incarnation (id, made_in) select id, event_log_place() from event_log_identity;

-- The identity of this log, another one if it is found elsewhere than where that was made. Of processes
-- that ask at once the second waits for the row and then finds it made here.
create function settle_event_log() returns uuid
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  settled uuid;
begin
  update event_log_incarnation set id = gen_random_uuid(), made_in = event_log_place(), made_at = now()
  where made_in <> event_log_place();
  select id into strict settled from event_log_incarnation;
  return settled;
end
$$;

-- The newest event that the log has forgotten: its chain goes on behind this one, and so do cursors.
create table event_log_anchor (
  singleton boolean primary key default true,
  position bigint not null,
  hash bytea not null,
  at timestamptz not null,
  constraint event_log_anchor_one check (singleton)
);

-- What a reactor waits for, which is not forgotten before it has passed. Null: everything. The row of a
-- reactor that is no more is deleted by a migration, or it holds the log for ever.
alter table reactor add column types text[];

-- A page of some types, and a backlog, are merged from one walk of this for each type.
create index event_log_by_type on event_log (venue_id, type, position);

-- Removes up to `batch` events from the old end of the log: those older than `keep`, up to the first one
-- that is not, that a reactor has yet to see, or that is the newest, from which the sequencer goes on.
-- Answers how many, or null while another process does it.
create function prune_event_log(keep interval, batch integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  last bigint;
  removed integer;
begin
  if not pg_try_advisory_xact_lock(7307811, 2) then
    return null;
  end if;

  with oldest as (
    select position, type, at from event_log order by position limit batch
  ), staying as (
    select min(position) as position from oldest
    where at >= now() - keep
      or position = (select max(position) from event_log)
      or exists (
        select from reactor
        where oldest.position > reactor.position and (reactor.types is null or oldest.type = any (reactor.types))
      )
  )
  select max(oldest.position) into last from oldest, staying
  where staying.position is null or oldest.position < staying.position;
  if last is null then
    return 0;
  end if;

  insert into event_log_anchor (position, hash, at)
  select position, hash, at from event_log where position = last
  on conflict (singleton) do update set position = excluded.position, hash = excluded.hash, at = excluded.at;
  delete from event_log where position <= last;
  get diagnostics removed = row_count;
  return removed;
end
$$;

revoke execute on function settle_event_log() from public;
revoke execute on function prune_event_log(interval, integer) from public;
grant execute on function settle_event_log() to floorwire_app;
grant execute on function prune_event_log(interval, integer) to floorwire_app;
grant select on event_log_incarnation, event_log_anchor to floorwire_app;
