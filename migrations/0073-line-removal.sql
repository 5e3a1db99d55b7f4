-- A line that was taken off the floor stays for what points to it. Its name and its port are free again.
alter table sas_line
  add column removed_at timestamptz,
  -- What a machine on the floor refers to: null once the line was removed, so that none can be on it, however it came there.
  add column present_id uuid generated always as (case when removed_at is null then id end) stored,
  add constraint sas_line_present_id_key unique (present_id),
  drop constraint sas_line_name_unique,
  drop constraint sas_line_port_unique;
create unique index sas_line_name_unique on sas_line (venue_id, name) where removed_at is null;
create unique index sas_line_port_unique on sas_line (driven_by, port) where removed_at is null;

alter table machine
  add column present_on uuid generated always as (case when removed_at is null then line_id end) stored,
  add constraint machine_on_present_line foreign key (present_on) references sas_line (present_id);

-- Which port the holder of a lease speaks on, or the last one spoke on: the port may be another line's by now, and whoever
-- drives that waits as long as if the lease were its own.
alter table sas_line_lease
  add column driven_by text,
  add column port text,
  add constraint sas_line_lease_port_whole check ((driven_by is null) = (port is null));
update sas_line_lease as lease set driven_by = line.driven_by, port = line.port
from sas_line as line where line.id = lease.line_id and lease.driver is not null;

-- What is not driven any more is not searched.
grant delete on line_discovery to floorwire_app;
