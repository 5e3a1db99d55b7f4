-- A serial bus and the machines on it, as configured; what is seen of them beside it.
create table sas_line (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  port text not null,
  wakeup_mode text not null,
  created_at timestamptz not null default now(),
  constraint sas_line_name_unique unique (venue_id, name),
  constraint sas_line_port_unique unique (port),
  constraint sas_line_wakeup_mode check (wakeup_mode in ('MARKED', 'PARITY'))
);

create table sas_line_status (
  line_id uuid primary key references sas_line on delete cascade,
  venue_id uuid not null references venue,
  state text not null,
  cause text,
  changed_at timestamptz not null,
  statistics jsonb,
  statistics_at timestamptz,
  constraint sas_line_status_state check (state in ('UP', 'DOWN'))
);

create table machine (
  id uuid primary key,
  venue_id uuid not null references venue,
  line_id uuid not null references sas_line,
  address smallint not null,
  name text not null,
  connection text not null default 'UNKNOWN',
  connection_changed_at timestamptz,
  last_seen_at timestamptz,
  in_game boolean not null default false,
  bill_acceptor_enabled boolean,
  lock_reason text,
  locked_at timestamptz,
  locked_by uuid,
  serial_number text,
  sas_version text,
  game_id text,
  paytable_id text,
  base_percent text,
  denomination_code smallint,
  identified_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  constraint machine_address_range check (address between 1 and 127),
  constraint machine_address_unique unique (line_id, address),
  constraint machine_name_unique unique (venue_id, name),
  constraint machine_connection check (connection in ('ONLINE', 'OFFLINE', 'UNKNOWN')),
  constraint machine_lock_whole check ((locked_at is null) = (lock_reason is null))
);
create index machine_venue on machine (venue_id, id);

-- The latest value per machine and meter: the truth that `meters` shows.
create table machine_meter (
  machine_id uuid not null references machine on delete cascade,
  code smallint not null,
  venue_id uuid not null references venue,
  value bigint not null,
  bcd_bytes smallint not null,
  delta bigint,
  changed_at timestamptz not null,
  primary key (machine_id, code),
  constraint machine_meter_value check (value >= 0)
);

-- When a machine's meters were last read, and how often they have changed.
create table machine_meter_reading (
  machine_id uuid primary key references machine on delete cascade,
  venue_id uuid not null references venue,
  read_at timestamptz not null,
  version bigint not null,
  constraint machine_meter_reading_version check (version > 0)
);

-- Every change of a meter, raw and as difference. `delta` is null where the counter was
-- reset: what was counted then is not known and never becomes money.
create table meter_history (
  machine_id uuid not null references machine on delete cascade,
  code smallint not null,
  read_at timestamptz not null,
  venue_id uuid not null references venue,
  value bigint not null,
  delta bigint,
  primary key (machine_id, code, read_at)
);
create index meter_history_age on meter_history using brin (read_at);

create table machine_event (
  id uuid primary key,
  venue_id uuid not null references venue,
  machine_id uuid not null references machine on delete cascade,
  type text not null,
  exception_code smallint,
  data jsonb,
  occurred_at timestamptz not null,
  constraint machine_event_type_shape check (type ~ '^[A-Z0-9_]+$'),
  constraint machine_event_exception_range check (exception_code between 0 and 255)
);
create index machine_event_venue on machine_event (venue_id, occurred_at desc, id desc);
create index machine_event_machine on machine_event (machine_id, occurred_at desc, id desc);

-- What a machine was told to do. Written by whoever asks, executed and finished by the
-- process that drives its line.
create table machine_command (
  id uuid primary key,
  venue_id uuid not null references venue,
  machine_id uuid not null references machine on delete cascade,
  line_id uuid not null references sas_line,
  kind text not null,
  reason text,
  requested_by uuid,
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  state text not null default 'QUEUED',
  outcome text,
  attempts integer not null default 0,
  finished_at timestamptz,
  constraint machine_command_kind check (
    kind in ('LOCK', 'UNLOCK', 'ENABLE_BILL_ACCEPTOR', 'DISABLE_BILL_ACCEPTOR', 'READ_METERS')),
  constraint machine_command_state check (state in ('QUEUED', 'SUCCEEDED', 'FAILED', 'EXPIRED')),
  constraint machine_command_finished check ((state = 'QUEUED') = (finished_at is null)),
  constraint machine_command_failure check ((state = 'FAILED') = (outcome is not null))
);
create index machine_command_open on machine_command (line_id, id) where state = 'QUEUED';

grant select, insert, update, delete on sas_line, sas_line_status, machine, machine_meter, machine_meter_reading, machine_command to floorwire_app;
grant select, insert, update, delete on meter_history to floorwire_app;
grant select, insert on machine_event to floorwire_app;
