-- Lines and machines are configured while floorwire runs. What is edited has a version, so that two people do not
-- undo each other's work; a machine that was taken off the floor keeps its meters, its history and its events.
alter table sas_line
  add column version int not null default 1,
  add constraint sas_line_version check (version > 0),
  drop constraint sas_line_port_unique,
  -- A port is one of the computer that has it.
  add constraint sas_line_port_unique unique (driven_by, port);

alter table machine
  add column registration_version int not null default 1,
  add column removed_at timestamptz,
  add constraint machine_registration_version check (registration_version > 0),
  drop constraint machine_address_unique,
  drop constraint machine_name_unique;

-- Its place and its name are free again.
create unique index machine_address_unique on machine (line_id, address) where removed_at is null;
create unique index machine_name_unique on machine (venue_id, name) where removed_at is null;
