-- The search for machines on a line at addresses where none is registered: one at a time, and the last one stays.
create table line_discovery (
  line_id uuid primary key references sas_line on delete cascade,
  id uuid not null,
  venue_id uuid not null references venue,
  from_address smallint not null,
  to_address smallint not null,
  requested_at timestamptz not null,
  -- A search that no driver has begun by then never will be.
  expires_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- How many addresses were looked at, each of which counts twice; the next driver of the line goes on behind them.
  asked smallint not null default 0,
  constraint line_discovery_range check (1 <= from_address and from_address <= to_address and to_address <= 127),
  constraint line_discovery_asked check (asked between 0 and 2 * (to_address - from_address + 1)),
  constraint line_discovery_order check (started_at is not null or (finished_at is null and asked = 0))
);

-- What was heard on a line at addresses where no machine is registered, and what it says of itself.
create table discovered_address (
  line_id uuid not null references sas_line on delete cascade,
  address smallint not null,
  venue_id uuid not null references venue,
  first_heard_at timestamptz not null,
  last_heard_at timestamptz not null,
  -- When it last answered a search; null while it only chirps.
  answered_at timestamptz,
  -- Since when searches get no answer from it.
  missed_at timestamptz,
  sas_version text,
  serial_number text,
  game_id text,
  additional_id text,
  denomination_code smallint,
  paytable_id text,
  primary key (line_id, address),
  constraint discovered_address_range check (address between 1 and 127),
  constraint discovered_address_denomination check (denomination_code between 0 and 255)
);

grant select, insert, update on line_discovery to floorwire_app;
grant select, insert, update, delete on discovered_address to floorwire_app;
