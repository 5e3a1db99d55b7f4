-- Which drivers may drive a line: those whose SAS_DRIVES names this.
alter table sas_line
  add column driven_by text not null default 'main',
  add constraint sas_line_driven_by_shape check (driven_by ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' and driven_by <> 'none');

-- Who drives a line now. One process at a time holds the lease; each holding has an epoch of its own, and whatever
-- is written about the line is written in a transaction that holds this row in that epoch (line-lease-store.ts).
-- A key of line and epoch, although the line alone is one: so a change of the epoch waits for those transactions,
-- and a renewal, which leaves it alone, does not.
create table sas_line_lease (
  line_id uuid primary key references sas_line on delete cascade,
  venue_id uuid not null references venue,
  epoch bigint not null default 0,
  -- The process; null while nobody holds it.
  holder uuid,
  -- What the last holder calls itself, since when it drives the line, and until when without another renewal.
  driver text,
  taken_at timestamptz,
  expires_at timestamptz,
  -- How the last holding ended: given back, or noticed to have expired.
  released_at timestamptz,
  lost_at timestamptz,
  constraint sas_line_lease_epoch_key unique (line_id, epoch),
  constraint sas_line_lease_epoch check (epoch >= 0),
  constraint sas_line_lease_state check (num_nonnulls(holder, released_at, lost_at) = (driver is not null)::int),
  constraint sas_line_lease_whole check (num_nonnulls(driver, taken_at, expires_at) in (0, 3))
);

-- With each change of hands the epoch grows, whoever writes here.
create function check_line_epoch() returns trigger language plpgsql as $$
begin
  if new.epoch < old.epoch or (new.epoch = old.epoch and new.holder is distinct from old.holder) then
    raise exception 'the epoch of a line does not grow'
      using errcode = 'check_violation', constraint = 'sas_line_lease_epoch_grows';
  end if;
  return new;
end
$$;
create trigger sas_line_lease_epoch_grows before update on sas_line_lease
  for each row execute function check_line_epoch();

-- An exception that is on record, of which it is not on record that its machine was told so. Whoever drives the line
-- next and hears it first takes it for this one.
create table machine_held_exception (
  machine_id uuid primary key references machine on delete cascade,
  venue_id uuid not null references venue,
  event_id uuid not null,
  exception_code smallint not null,
  constraint machine_held_exception_code check (exception_code between 0 and 255)
);

grant select, insert, update, delete on sas_line_lease, machine_held_exception to floorwire_app;
