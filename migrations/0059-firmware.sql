-- What devices run, and how it comes to them.

create table firmware (
  id uuid primary key,
  venue_id uuid not null references venue,
  file_id uuid not null,
  name text not null,
  version text not null,
  device_kind text not null,
  -- The one device it is for; null: any of its kind.
  device_id uuid,
  notes text,
  uploaded_at timestamptz not null,
  uploaded_by jsonb not null,
  constraint firmware_with_venue unique (id, venue_id),
  constraint firmware_version_unique unique nulls not distinct (venue_id, device_kind, device_id, version),
  constraint firmware_own_file unique (file_id),
  constraint firmware_file foreign key (file_id, venue_id) references stored_file (id, venue_id),
  constraint firmware_device foreign key (device_id, venue_id) references device (id, venue_id),
  constraint firmware_kind check (device_kind in ('SCREEN', 'LAB_BOARD', 'GATE', 'SENSOR')),
  constraint firmware_name_length check (length(name) between 1 and 100),
  constraint firmware_version_length check (length(version) between 1 and 64),
  constraint firmware_notes_length check (length(notes) between 1 and 2000)
);
create index firmware_of_device on firmware (device_id) where device_id is not null;
create index firmware_by_uploader on firmware ((uploaded_by ->> 'id'), uploaded_at desc);

-- One firmware on its way to devices, so many at a time.
create table deployment (
  id uuid primary key,
  venue_id uuid not null references venue,
  firmware_id uuid not null,
  batch_size integer not null,
  -- With more of them nothing more is offered.
  max_failures integer not null,
  -- For so long a device may be silent before it counts as failed.
  timeout_seconds integer not null,
  state text not null default 'RUNNING',
  created_at timestamptz not null,
  created_by jsonb not null,
  -- When the last of its devices was through.
  finished_at timestamptz,
  constraint deployment_with_venue unique (id, venue_id),
  constraint deployment_firmware foreign key (firmware_id, venue_id) references firmware (id, venue_id),
  constraint deployment_state check (state in ('RUNNING', 'STOPPED', 'FINISHED')),
  constraint deployment_finished check (state = 'STOPPED' or (state = 'FINISHED') = (finished_at is not null)),
  constraint deployment_batch_size check (batch_size between 1 and 1000),
  constraint deployment_max_failures check (max_failures >= 0),
  constraint deployment_timeout check (timeout_seconds between 60 and 604800)
);
create index deployment_of_firmware on deployment (firmware_id);
create index deployment_by_author on deployment ((created_by ->> 'id'), created_at desc);

-- What a deployment is to one of its devices.
create table firmware_update (
  id uuid primary key,
  venue_id uuid not null references venue,
  deployment_id uuid not null,
  device_id uuid not null,
  -- From 0 on.
  batch integer not null,
  state text not null default 'PENDING',
  -- Of the state it is in.
  percent integer,
  failure text,
  message text,
  created_at timestamptz not null,
  offered_at timestamptz,
  progressed_at timestamptz,
  finished_at timestamptz,
  -- With no word until then it has failed.
  due_at timestamptz,
  constraint firmware_update_device_once unique (deployment_id, device_id),
  constraint firmware_update_deployment foreign key (deployment_id, venue_id) references deployment (id, venue_id),
  constraint firmware_update_device foreign key (device_id, venue_id) references device (id, venue_id),
  constraint firmware_update_batch check (batch >= 0),
  constraint firmware_update_state check (state in
    ('PENDING', 'OFFERED', 'DOWNLOADING', 'VERIFYING', 'INSTALLING', 'UP_TO_DATE', 'FAILED', 'CANCELLED')),
  constraint firmware_update_percent check (percent between 0 and 100),
  constraint firmware_update_message check (length(message) between 1 and 500),
  constraint firmware_update_failure check ((state = 'FAILED') = (failure is not null) and failure in
    ('CHECKSUM_MISMATCH', 'DOWNLOAD_FAILED', 'INCOMPATIBLE', 'INSTALL_FAILED', 'TIMED_OUT', 'OTHER')),
  constraint firmware_update_offered check (state in ('PENDING', 'CANCELLED') or offered_at is not null),
  constraint firmware_update_finished check ((state in ('UP_TO_DATE', 'FAILED', 'CANCELLED')) = (finished_at is not null)),
  constraint firmware_update_due check
    ((state in ('OFFERED', 'DOWNLOADING', 'VERIFYING', 'INSTALLING')) = (due_at is not null))
);
-- A device is given one firmware at a time.
create unique index firmware_update_one_at_a_time on firmware_update (device_id) where finished_at is null;
create index firmware_update_of_device on firmware_update (device_id, created_at desc, id desc);
create index firmware_update_of_deployment on firmware_update (deployment_id, created_at desc, id desc);
create index firmware_update_due_at on firmware_update (due_at) where due_at is not null;

-- It goes on, never back, and what has ended stays as it ended.
create function refuse_firmware_step() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  steps constant text[] := array['PENDING', 'OFFERED', 'DOWNLOADING', 'VERIFYING', 'INSTALLING', 'UP_TO_DATE',
    'FAILED', 'CANCELLED'];
begin
  if old.finished_at is not null or array_position(steps, new.state) < array_position(steps, old.state) then
    raise exception 'an update does not go from % to %', old.state, new.state
      using errcode = '23514', constraint = 'firmware_update_step';
  end if;
  return new;
end $$;
create trigger firmware_update_step before update of state on firmware_update
  for each row when (new.state is distinct from old.state) execute function refuse_firmware_step();

grant select, insert on firmware to floorwire_app;
grant select, insert on deployment, firmware_update to floorwire_app;
grant update (state, finished_at) on deployment to floorwire_app;
grant update (state, percent, failure, message, offered_at, progressed_at, finished_at, due_at)
  on firmware_update to floorwire_app;
