-- Lots for cars: what they hold, who has a place for when, who stands there, and what gates and sensors say.

create table parking_lot (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  description text,
  address text,
  -- WGS 84, degrees.
  latitude double precision,
  longitude double precision,
  -- How many cars it takes.
  capacity integer not null,
  -- What tells how many stand there: the stays begun and ended here, gates that count, or a sensor on each space.
  counted_by text not null default 'STAYS',
  -- What gates and sensors said is stale when it is older.
  stale_after_seconds integer not null default 300,
  -- How far ahead a place can be reserved.
  reservable_days integer not null default 90,
  -- Who has reserved and has not come so long after the beginning does not come; null: the place is kept to the end.
  no_show_minutes integer,
  -- A car that does not say how long it stays is taken to stay so long.
  usual_stay_minutes integer not null default 120,
  status text not null default 'ACTIVE',
  -- Cars, as gates and sensors last said. With sensors it is the number of occupied spaces, kept by a trigger.
  observed_occupied integer,
  observed_at timestamptz,
  -- The device that said it.
  observed_by uuid references device,
  -- What was last announced, and until when time alone has changed nothing of it.
  shown_capacity integer,
  shown_occupied integer,
  shown_reserved integer,
  shown_stale boolean not null default false,
  shown_at timestamptz not null,
  -- Grows with whatever claims or frees a place, so that two who look at the same places are never both right.
  revision bigint not null default 0,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint parking_lot_name_unique unique (venue_id, name),
  constraint parking_lot_name_length check (length(name) between 1 and 100),
  constraint parking_lot_location check ((latitude is null) = (longitude is null)
    and latitude between -90 and 90 and longitude between -180 and 180),
  constraint parking_lot_capacity check (capacity between 1 and 100000),
  constraint parking_lot_counted_by check (counted_by in ('STAYS', 'GATES', 'SENSORS')),
  constraint parking_lot_stale_after check (stale_after_seconds between 1 and 86400),
  constraint parking_lot_reservable_days check (reservable_days between 1 and 1096),
  constraint parking_lot_no_show check (no_show_minutes between 1 and 1440),
  constraint parking_lot_usual_stay check (usual_stay_minutes between 1 and 10080),
  constraint parking_lot_status check (status in ('ACTIVE', 'CLOSED')),
  constraint parking_lot_observed check (observed_occupied >= 0 and (observed_at is null) = (observed_by is null)),
  constraint parking_lot_with_venue unique (id, venue_id)
);
create index parking_lot_venue on parking_lot (venue_id, created_at desc, id desc);

create table parking_space (
  id uuid primary key,
  venue_id uuid not null references venue,
  lot_id uuid not null,
  -- What is painted on it: `A-17`.
  label text not null,
  kind text not null default 'STANDARD',
  status text not null default 'ACTIVE',
  -- As its sensor last said; null: none ever did.
  is_occupied boolean,
  observed_at timestamptz,
  observed_by uuid references device,
  created_at timestamptz not null,
  constraint parking_space_lot foreign key (lot_id, venue_id) references parking_lot (id, venue_id),
  constraint parking_space_label_unique unique (lot_id, label),
  constraint parking_space_label_length check (length(label) between 1 and 20),
  constraint parking_space_kind check (kind in ('STANDARD', 'ACCESSIBLE', 'ELECTRIC', 'MOTORCYCLE', 'LARGE')),
  constraint parking_space_status check (status in ('ACTIVE', 'CLOSED')),
  constraint parking_space_observed check ((is_occupied is null) = (observed_at is null) and (observed_at is null) = (observed_by is null)),
  constraint parking_space_of_lot unique (id, lot_id)
);
create index parking_space_occupied on parking_space (lot_id) where is_occupied;

-- With sensors as many stand on a lot as spaces are occupied, whoever writes them.
create function count_occupied_spaces() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  update parking_lot lot set observed_occupied = coalesce(lot.observed_occupied, 0) + changed.cars
  from (
    select new_space.lot_id, sum(coalesce(new_space.is_occupied, false)::integer - coalesce(old_space.is_occupied, false)::integer) as cars
    from new_spaces new_space join old_spaces old_space on old_space.id = new_space.id
    group by new_space.lot_id
  ) changed
  where lot.id = changed.lot_id and lot.counted_by = 'SENSORS' and (changed.cars <> 0 or lot.observed_occupied is null);
  return null;
end $$;
create trigger parking_space_counted after update on parking_space
  referencing old table as old_spaces new table as new_spaces
  for each statement execute function count_occupied_spaces();

-- What a stay costs, from when on. Nothing without a row.
create table parking_rate (
  id uuid primary key,
  venue_id uuid not null references venue,
  lot_id uuid not null,
  valid_from timestamptz not null,
  -- Of each begun `per_minutes`, in minor units of the currency.
  price bigint not null,
  per_minutes integer not null,
  -- Who leaves within them pays nothing.
  grace_minutes integer not null,
  -- Of each 24 hours since the beginning at most; null: no end.
  daily_cap bigint,
  currency text not null,
  created_at timestamptz not null,
  created_by jsonb not null,
  constraint parking_rate_lot foreign key (lot_id, venue_id) references parking_lot (id, venue_id),
  constraint parking_rate_price check (price between 0 and 999999999999),
  constraint parking_rate_per check (per_minutes between 1 and 1440),
  constraint parking_rate_grace check (grace_minutes between 0 and 1440),
  constraint parking_rate_cap check (daily_cap between 0 and 999999999999),
  constraint parking_rate_currency_shape check (currency ~ '^[A-Z]{3}$'),
  constraint parking_rate_once unique (lot_id, valid_from),
  constraint parking_rate_of_lot unique (id, lot_id)
);

create table parking_reservation (
  id uuid primary key,
  venue_id uuid not null references venue,
  lot_id uuid not null,
  -- Null: any of the lot.
  space_id uuid,
  user_id uuid not null references app_user,
  -- Of the car, in capitals without blanks.
  plate text,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status text not null default 'ACTIVE',
  -- Who has not come by then does not come; null: nobody looks.
  no_show_at timestamptz,
  reserved_at timestamptz not null,
  reserved_by jsonb not null,
  checked_in_at timestamptz,
  ended_at timestamptz,
  -- Of who cancelled it.
  ended_by jsonb,
  cancel_reason text,
  changed_at timestamptz not null,
  version integer not null default 1,
  constraint parking_reservation_lot foreign key (lot_id, venue_id) references parking_lot (id, venue_id),
  constraint parking_reservation_space foreign key (space_id, lot_id) references parking_space (id, lot_id),
  constraint parking_reservation_during check (starts_at < ends_at),
  constraint parking_reservation_plate check (plate ~ '^[A-Z0-9ÄÖÜ-]{1,16}$'),
  constraint parking_reservation_status check (status in ('ACTIVE', 'CHECKED_IN', 'COMPLETED', 'CANCELLED', 'EXPIRED', 'NO_SHOW')),
  constraint parking_reservation_checked_in check ((checked_in_at is not null) = (status in ('CHECKED_IN', 'COMPLETED'))),
  constraint parking_reservation_ended check ((ended_at is null) = (status in ('ACTIVE', 'CHECKED_IN'))),
  constraint parking_reservation_claimable unique (id, lot_id)
);
create index parking_reservation_user on parking_reservation (user_id, starts_at desc, id desc);
create index parking_reservation_venue on parking_reservation (venue_id, starts_at desc, id desc);
create index parking_reservation_lot_time on parking_reservation (lot_id, starts_at desc, id desc);
-- Who may still come: what time does to them is found by these.
create index parking_reservation_expected on parking_reservation (no_show_at) where status = 'ACTIVE';
create index parking_reservation_ending on parking_reservation (ends_at) where status = 'ACTIVE';
create index parking_reservation_live on parking_reservation (lot_id, starts_at, ends_at) where status = 'ACTIVE';

-- A car that stands, or stood, on a lot.
create table parking_session (
  id uuid primary key,
  venue_id uuid not null references venue,
  lot_id uuid not null,
  space_id uuid,
  -- Whose wallet pays; null: nobody's, then all of it is due.
  user_id uuid references app_user,
  plate text,
  reservation_id uuid,
  started_at timestamptz not null,
  started_by jsonb not null,
  -- Until when it said it would stay.
  until timestamptz not null,
  -- When people were told that it stays longer.
  overdue_at timestamptz,
  ended_at timestamptz,
  ended_by jsonb,
  -- What it pays by; null: nothing.
  rate_id uuid,
  -- Once it ended, in minor units: what it cost, and what of that was paid.
  charge bigint,
  paid bigint,
  currency text not null,
  changed_at timestamptz not null,
  version integer not null default 1,
  constraint parking_session_lot foreign key (lot_id, venue_id) references parking_lot (id, venue_id),
  constraint parking_session_space foreign key (space_id, lot_id) references parking_space (id, lot_id),
  constraint parking_session_rate foreign key (rate_id, lot_id) references parking_rate (id, lot_id),
  constraint parking_session_reservation foreign key (reservation_id, lot_id) references parking_reservation (id, lot_id),
  constraint parking_session_reservation_once unique (reservation_id),
  constraint parking_session_during check (started_at < until and ended_at >= started_at),
  constraint parking_session_end check ((ended_at is null) = (ended_by is null)
    and (ended_at is null) = (charge is null) and (charge is null) = (paid is null)),
  constraint parking_session_money check (paid between 0 and charge),
  constraint parking_session_plate check (plate ~ '^[A-Z0-9ÄÖÜ-]{1,16}$'),
  constraint parking_session_claimable unique (id, lot_id)
);
create index parking_session_user on parking_session (user_id, started_at desc, id desc);
create index parking_session_venue on parking_session (venue_id, started_at desc, id desc);
create index parking_session_lot_time on parking_session (lot_id, started_at desc, id desc);
create index parking_session_open on parking_session (lot_id) where ended_at is null;
create index parking_session_overdue on parking_session (until) where ended_at is null;
-- One car stands in one place.
create unique index parking_session_one_car on parking_session (venue_id, plate) where ended_at is null and plate is not null;
-- One space takes one car.
create unique index parking_session_one_space on parking_session (space_id) where ended_at is null and space_id is not null;

-- Whatever claims a place of a lot for a time is a row here: a reservation until its car comes, then its stay. One
-- table, so that the constraints see them all (RULES 12).
create table parking_claim (
  id uuid primary key,
  venue_id uuid not null references venue,
  lot_id uuid not null,
  space_id uuid,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  reservation_id uuid,
  session_id uuid,
  constraint parking_claim_no_overlap exclude using gist (space_id with =, tstzrange(starts_at, ends_at) with &&)
    where (space_id is not null),
  constraint parking_claim_lot foreign key (lot_id, venue_id) references parking_lot (id, venue_id),
  constraint parking_claim_space foreign key (space_id, lot_id) references parking_space (id, lot_id),
  constraint parking_claim_during check (starts_at < ends_at),
  constraint parking_claim_of_one check (num_nonnulls(reservation_id, session_id) = 1),
  constraint parking_claim_reservation foreign key (reservation_id, lot_id) references parking_reservation (id, lot_id),
  constraint parking_claim_session foreign key (session_id, lot_id) references parking_session (id, lot_id),
  constraint parking_claim_reservation_once unique (reservation_id),
  constraint parking_claim_session_once unique (session_id)
);
create index parking_claim_time on parking_claim using gist (lot_id, tstzrange(starts_at, ends_at));

-- How many places of a lot are claimed at the fullest instant of a time.
create function parking_peak(lot uuid, since timestamptz, until timestamptz) returns integer
language sql stable set search_path = pg_catalog, public as $$
  with claimed as (
    select greatest(starts_at, since) as starts_at, least(ends_at, until) as ends_at
    from parking_claim where lot_id = lot and tstzrange(starts_at, ends_at) && tstzrange(since, until)
  ), steps as (
    select starts_at as at, 1 as cars from claimed union all select ends_at, -1 from claimed
  )
  select coalesce(max(standing), 0)::integer from (
    select sum(cars) over (order by at, cars rows unbounded preceding) as standing from steps
  ) counted
$$;

-- No instant of a lot is claimed by more than it takes. The lot is changed first, so that two who claim do so one
-- after the other, however their transactions are isolated.
create function refuse_overfull_lot() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  takes integer;
begin
  update parking_lot set revision = revision + 1 where id = new.lot_id returning capacity into takes;
  if parking_peak(new.lot_id, new.starts_at, new.ends_at) > takes then
    raise exception 'lot % would be overfull', new.lot_id using errcode = '23514', constraint = 'parking_claim_within_capacity';
  end if;
  return null;
end $$;
create trigger parking_claim_within_capacity after insert or update on parking_claim
  for each row execute function refuse_overfull_lot();

-- Nor does a lot ever take fewer than have claimed it.
create function refuse_narrow_lot() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  if parking_peak(new.id, now(), 'infinity') > new.capacity then
    raise exception 'lot % is claimed by more', new.id using errcode = '23514', constraint = 'parking_claim_within_capacity';
  end if;
  return null;
end $$;
create trigger parking_lot_within_capacity after update of capacity on parking_lot
  for each row when (new.capacity < old.capacity) execute function refuse_narrow_lot();

-- At commit what is live has its claim, and what has ended has none.
create function refuse_unclaimed_parking() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  reservation uuid;
  stay uuid;
begin
  if tg_table_name = 'parking_reservation' then reservation := new.id;
  elsif tg_table_name = 'parking_session' then stay := new.id;
  else reservation := old.reservation_id; stay := old.session_id;
  end if;
  if exists (select 1 from parking_reservation where id = reservation
      and (status = 'ACTIVE') is distinct from exists (select 1 from parking_claim where reservation_id = reservation))
    or exists (select 1 from parking_session where id = stay
      and (ended_at is null) is distinct from exists (select 1 from parking_claim where session_id = stay)) then
    raise exception 'what claims a place and its claim do not agree' using errcode = '23514', constraint = 'parking_claimed';
  end if;
  return null;
end $$;
create constraint trigger parking_reservation_claimed after insert or update of status on parking_reservation
  deferrable initially deferred for each row execute function refuse_unclaimed_parking();
create constraint trigger parking_session_claimed after insert or update of ended_at on parking_session
  deferrable initially deferred for each row execute function refuse_unclaimed_parking();
create constraint trigger parking_claim_of_live after delete or update of reservation_id, session_id on parking_claim
  deferrable initially deferred for each row execute function refuse_unclaimed_parking();

-- How full a lot was: as it stood at the end of each minute in which that changed.
create table parking_occupancy (
  lot_id uuid not null references parking_lot,
  venue_id uuid not null references venue,
  minute timestamptz not null,
  capacity integer not null,
  occupied integer not null,
  reserved integer not null,
  primary key (lot_id, minute),
  constraint parking_occupancy_minute check (minute = date_trunc('minute', minute, 'UTC')),
  constraint parking_occupancy_counts check (occupied >= 0 and reserved >= 0)
);

grant select, insert on parking_lot, parking_space, parking_rate, parking_reservation, parking_session to floorwire_app;
grant update (name, description, address, latitude, longitude, capacity, counted_by, stale_after_seconds, reservable_days,
  no_show_minutes, usual_stay_minutes, status, observed_occupied, observed_at, observed_by, shown_capacity, shown_occupied,
  shown_reserved, shown_stale, shown_at, revision, version, updated_at) on parking_lot to floorwire_app;
grant update (label, kind, status, is_occupied, observed_at, observed_by) on parking_space to floorwire_app;
grant update (ends_at, status, no_show_at, checked_in_at, ended_at, ended_by, cancel_reason, changed_at, version)
  on parking_reservation to floorwire_app;
grant update (until, overdue_at, ended_at, ended_by, charge, paid, changed_at, version) on parking_session to floorwire_app;
grant select, insert, delete, update on parking_claim to floorwire_app;
grant select, insert, update, delete on parking_occupancy to floorwire_app;
