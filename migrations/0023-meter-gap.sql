-- When a machine's meters were not read. Its counters went on; what they moved meanwhile is counted
-- with the first reading behind the gap.
create table meter_gap (
  machine_id uuid not null references machine on delete cascade,
  began_at timestamptz not null,
  ended_at timestamptz not null,
  venue_id uuid not null references venue,
  primary key (machine_id, began_at),
  constraint meter_gap_order check (began_at < ended_at)
);
create index meter_gap_age on meter_gap using brin (ended_at);

grant select, insert, delete on meter_gap to floorwire_app;
