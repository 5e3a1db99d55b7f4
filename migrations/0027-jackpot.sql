-- A progressive level that floorwire tells the machines of a venue (SAS.md 6.6), and what was won of it.
create table jackpot (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  progressive_group smallint not null,
  level smallint not null,
  -- What SAS tells in five BCD bytes.
  cents bigint not null,
  -- What it stands at after a win.
  reset_cents bigint not null,
  version int not null default 1,
  changed_at timestamptz not null,
  constraint jackpot_name_unique unique (venue_id, name),
  constraint jackpot_level_unique unique (venue_id, progressive_group, level),
  constraint jackpot_group_range check (progressive_group between 1 and 255),
  constraint jackpot_level_range check (level between 1 and 32),
  constraint jackpot_cents_range check (cents between 0 and 9999999999),
  constraint jackpot_reset_range check (reset_cents between 0 and 9999999999),
  constraint jackpot_version check (version > 0)
);

create table jackpot_win (
  id uuid primary key,
  venue_id uuid not null references venue,
  jackpot_id uuid not null references jackpot,
  machine_id uuid not null references machine on delete cascade,
  -- Null when the machine sent nonsense.
  cents bigint,
  won_at timestamptz not null
);
create index jackpot_win_jackpot on jackpot_win (jackpot_id, won_at desc, id desc);

grant select, insert, update on jackpot to floorwire_app;
grant select, insert on jackpot_win to floorwire_app;
