-- Whose devices are and where, how they are, and what they are told to do.

alter table device
  -- The person it is lent or belongs to; null: the venue's own.
  add column owner_id uuid references app_user,
  -- What of the venue is booked with it.
  add column resource_id uuid,
  -- IANA; null: that of the venue.
  add column time_zone text,
  add column tags text[] not null default '{}',
  add column version integer not null default 1,
  add column updated_at timestamptz not null default now(),
  add column removed_at timestamptz,
  add constraint device_resource foreign key (resource_id, venue_id) references resource (id, venue_id),
  add constraint device_time_zone_length check (length(time_zone) between 1 and 64),
  add constraint device_tags_count check (cardinality(tags) <= 20);
update device set updated_at = created_at;
update device set removed_at = created_at where status = 'REMOVED';
alter table device add constraint device_removed check ((status = 'REMOVED') = (removed_at is not null));

-- What was removed gives its number to what comes in its place.
alter table device drop constraint device_number_unique, drop constraint device_serial_unique;
create unique index device_number_unique on device (venue_id, device_number) where status = 'ACTIVE';
create unique index device_serial_unique on device (venue_id, serial_number) where status = 'ACTIVE';
create index device_by_number on device (venue_id, device_number);
create index device_list on device (venue_id, created_at desc, id desc) where status = 'ACTIVE';
create index device_of_owner on device (owner_id) where owner_id is not null;
create index device_of_resource on device (resource_id) where resource_id is not null;
create index device_by_tag on device using gin (tags);

create table device_group (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint device_group_name_unique unique (venue_id, name),
  constraint device_group_name_length check (length(name) between 1 and 100),
  constraint device_group_with_venue unique (id, venue_id)
);
create index device_group_list on device_group (venue_id, created_at desc, id desc);

create table device_group_member (
  group_id uuid not null,
  device_id uuid not null,
  venue_id uuid not null references venue,
  primary key (group_id, device_id),
  constraint device_group_member_group foreign key (group_id, venue_id) references device_group (id, venue_id),
  constraint device_group_member_device foreign key (device_id, venue_id) references device (id, venue_id)
);
create index device_group_member_device on device_group_member (device_id);

-- Of each device that ever reported: what it said last, and what follows from when it did.
create table device_status (
  device_id uuid primary key,
  venue_id uuid not null references venue,
  status text not null,
  since timestamptz not null,
  seen_at timestamptz not null,
  -- When its silence changes the status; null: it is OFFLINE, and silence changes nothing more.
  due_at timestamptz,
  -- Grows with every change of the status.
  version bigint not null default 1,
  uptime_seconds bigint,
  free_bytes bigint,
  temperature_celsius double precision,
  software_version text,
  firmware_version text,
  message text,
  constraint device_status_device foreign key (device_id, venue_id) references device (id, venue_id),
  constraint device_status_known check (status in ('ONLINE', 'STALE', 'OFFLINE')),
  constraint device_status_due check ((status = 'OFFLINE') = (due_at is null)),
  constraint device_status_counts check (uptime_seconds >= 0 and free_bytes >= 0),
  constraint device_status_versions check (length(software_version) <= 64 and length(firmware_version) <= 64),
  constraint device_status_message check (length(message) <= 500)
)
-- Every device writes its row twice a minute.
with (fillfactor = 50);
create index device_status_due on device_status (due_at) where due_at is not null;
create index device_status_venue on device_status (venue_id, status);

-- What the status was, change by change.
create table device_status_change (
  id uuid primary key,
  venue_id uuid not null references venue,
  device_id uuid not null references device,
  status text not null,
  previous_status text not null,
  changed_at timestamptz not null,
  -- When the device had last reported.
  seen_at timestamptz not null,
  constraint device_status_change_known check (status in ('ONLINE', 'STALE', 'OFFLINE')
    and previous_status in ('ONLINE', 'STALE', 'OFFLINE') and status <> previous_status)
);
create index device_status_change_list on device_status_change (device_id, changed_at desc, id desc);
create index device_status_change_age on device_status_change (changed_at);

-- What a device is told to do: kept until it has done it, refused, or it is too late; and afterwards, for who asks.
create table device_command (
  id uuid primary key,
  venue_id uuid not null references venue,
  device_id uuid not null,
  kind text not null,
  -- `signage/command.ts` has their shape.
  parameters jsonb not null default '{}',
  state text not null default 'QUEUED',
  queued_at timestamptz not null,
  queued_by jsonb not null,
  -- What is not done by then counts as not done.
  expires_at timestamptz not null,
  delivered_at timestamptz,
  acknowledged_at timestamptz,
  finished_at timestamptz,
  -- What the device says of it.
  message text,
  result jsonb,
  constraint device_command_device foreign key (device_id, venue_id) references device (id, venue_id),
  constraint device_command_kind check (kind in ('REBOOT', 'SCREENSHOT', 'SET_VOLUME', 'SET_BRIGHTNESS', 'SET_POWER',
    'RELOAD', 'DIAGNOSTICS', 'IDENTIFY', 'CUSTOM')),
  constraint device_command_state check (state in ('QUEUED', 'DELIVERED', 'ACKNOWLEDGED', 'SUCCEEDED', 'FAILED', 'EXPIRED')),
  constraint device_command_delivered check (state <> 'DELIVERED' or delivered_at is not null),
  constraint device_command_acknowledged check (state not in ('ACKNOWLEDGED', 'SUCCEEDED', 'FAILED') or acknowledged_at is not null),
  constraint device_command_finished check ((state in ('SUCCEEDED', 'FAILED', 'EXPIRED')) = (finished_at is not null)),
  constraint device_command_message check (length(message) between 1 and 500),
  constraint device_command_expiry check (expires_at > queued_at)
);
create index device_command_list on device_command (device_id, queued_at desc, id desc);
create index device_command_open on device_command (device_id, id) where state in ('QUEUED', 'DELIVERED', 'ACKNOWLEDGED');
create index device_command_expiring on device_command (expires_at) where state in ('QUEUED', 'DELIVERED', 'ACKNOWLEDGED');
-- What somebody told devices is looked up by him when he asks for everything kept about him.
create index device_command_by_sender on device_command ((queued_by ->> 'id'), queued_at desc);
create index device_command_age on device_command (finished_at) where finished_at is not null;

-- A command goes on, never back, and what has ended stays as it ended.
create function refuse_command_step() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  steps constant text[] := array['QUEUED', 'DELIVERED', 'ACKNOWLEDGED', 'SUCCEEDED', 'FAILED', 'EXPIRED'];
begin
  if old.finished_at is not null or array_position(steps, new.state) < array_position(steps, old.state) then
    raise exception 'a command does not go from % to %', old.state, new.state
      using errcode = '23514', constraint = 'device_command_step';
  end if;
  return new;
end $$;
create trigger device_command_step before update of state on device_command
  for each row when (new.state is distinct from old.state) execute function refuse_command_step();

grant select, insert on device_group to floorwire_app;
grant update (name, version, updated_at) on device_group to floorwire_app;
grant select, insert, delete on device_group_member to floorwire_app;
grant select, insert, update on device_status to floorwire_app;
grant select, insert, delete on device_status_change to floorwire_app;
grant select, insert, delete on device_command to floorwire_app;
grant update (state, delivered_at, acknowledged_at, finished_at, message, result) on device_command to floorwire_app;
