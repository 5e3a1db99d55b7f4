-- Lots are looked for by where they are, and spaces are listed by their numbers.
create index parking_lot_place on parking_lot (venue_id, latitude, longitude) where latitude is not null;
create index parking_space_lot on parking_space (lot_id, created_at, id);
create index parking_occupancy_age on parking_occupancy (minute);

-- A rate that was planned and is not in force can be taken back. What stays pay by is kept by their references to it.
create function refuse_past_rates() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  raise exception 'rate % is in force, or was', old.id using errcode = '23514', constraint = 'parking_rate_kept';
end $$;
create trigger parking_rate_kept before delete on parking_rate
  for each row when (old.valid_from <= now()) execute function refuse_past_rates();

grant delete on parking_rate to floorwire_app;
