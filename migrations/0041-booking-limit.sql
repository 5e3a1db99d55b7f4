-- How many slots people of a role can have booked in a time.
create table booking_limit (
  venue_id uuid not null references venue,
  role text not null,
  per text not null,
  maximum integer not null,
  changed_at timestamptz not null,
  constraint booking_limit_pkey primary key (venue_id, role, per),
  constraint booking_limit_role check (role in ('ADMIN', 'OPERATOR', 'PLAYER', 'AUDITOR')),
  constraint booking_limit_per check (per in ('DAY', 'WEEK', 'MONTH', 'ACTIVE')),
  constraint booking_limit_maximum check (maximum between 0 and 10000)
);

grant select, insert, update, delete on booking_limit to floorwire_app;
