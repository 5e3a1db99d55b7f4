-- Bookings that were made together, by a rule that repeats.

create table booking_series (
  id uuid primary key,
  venue_id uuid not null references venue,
  resource_id uuid not null,
  user_id uuid not null references app_user,
  -- RFC 5545, RRULE.
  rule text not null,
  -- Where its first slot begins.
  starts_at timestamptz not null,
  -- [{startsAt, why}] of those it left out.
  skipped jsonb not null,
  booked_at timestamptz not null,
  booked_by jsonb not null,
  constraint booking_series_resource foreign key (resource_id, venue_id) references resource (id, venue_id),
  constraint booking_series_rule check (length(rule) between 1 and 200),
  constraint booking_series_with_owner unique (id, venue_id, user_id)
);
create index booking_series_user on booking_series (user_id);

alter table booking add column series_id uuid;
-- A series is written when it is known what it left out, after its bookings.
alter table booking add constraint booking_of_series foreign key (series_id, venue_id, user_id)
  references booking_series (id, venue_id, user_id) deferrable initially deferred;
create index booking_series_time on booking (series_id, starts_at desc, id desc) where series_id is not null;

grant select, insert on booking_series to floorwire_app;
