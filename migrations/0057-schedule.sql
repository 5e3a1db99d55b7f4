-- What screens show by the clock, or as long as something holds; what goes before everything else in an emergency; and
-- what was shown.

create table schedule (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  layout_id uuid not null,
  -- The greater goes before the smaller, and of two of the same the newer one.
  priority smallint not null,
  is_enabled boolean not null,
  -- Which screens: all of the venue, or these, those of these groups, and those with one of these tags.
  everywhere boolean not null,
  device_ids uuid[] not null,
  group_ids uuid[] not null,
  tags text[] not null,
  -- When: `signage/schedule-times.ts` has their shapes.
  days jsonb not null,
  dayparts jsonb not null,
  -- Whose clock counts.
  zone text not null,
  -- What has to hold besides: a jackpot stands at so many cents, or a lot has so many free places or is so full (in
  -- percent). All null: nothing.
  jackpot_id uuid references jackpot,
  lot_id uuid references parking_lot,
  condition_test text,
  condition_value bigint,
  -- Whether it does, and since when that is so.
  condition_holds boolean,
  condition_turned_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint schedule_layout foreign key (layout_id, venue_id) references layout (id, venue_id),
  constraint schedule_name_length check (length(name) between 1 and 100),
  constraint schedule_priority check (priority between 0 and 1000),
  constraint schedule_targets check (everywhere = (device_ids = '{}' and group_ids = '{}' and tags = '{}')),
  constraint schedule_times check (jsonb_typeof(days) = 'object' and jsonb_typeof(dayparts) = 'array'),
  constraint schedule_zone check (zone in ('DEVICE', 'VENUE')),
  constraint schedule_condition check (num_nonnulls(jackpot_id, lot_id) <= 1
    and (condition_test is null) = (num_nonnulls(jackpot_id, lot_id) = 0)
    and (condition_test is null) = (condition_value is null)
    and (condition_test is null) = (condition_holds is null)
    and (condition_test is null) = (condition_turned_at is null)),
  constraint schedule_condition_test check (condition_test is null
    or condition_test in ('AT_LEAST', 'BELOW') and jackpot_id is not null
    or condition_test in ('FREE_AT_MOST', 'FULL_AT_LEAST') and lot_id is not null)
);
create index schedule_venue on schedule (venue_id, created_at desc, id desc);
create index schedule_layout_id on schedule (layout_id);
create index schedule_jackpot on schedule (jackpot_id) where jackpot_id is not null;
create index schedule_lot on schedule (lot_id) where lot_id is not null;

create table takeover (
  id uuid primary key,
  venue_id uuid not null references venue,
  layout_id uuid not null,
  reason text not null,
  -- Whether screens that are registered meanwhile are among them.
  everywhere boolean not null,
  started_at timestamptz not null,
  started_by jsonb not null,
  -- When it ends by itself; null: when somebody ends it.
  ends_at timestamptz,
  ended_at timestamptz,
  ended_by jsonb,
  constraint takeover_layout foreign key (layout_id, venue_id) references layout (id, venue_id),
  constraint takeover_reason_length check (length(reason) between 1 and 200),
  constraint takeover_ends_later check (ends_at > started_at),
  constraint takeover_ended check ((ended_at is null) = (ended_by is null))
);
create index takeover_venue on takeover (venue_id, started_at desc, id desc);
create index takeover_layout_id on takeover (layout_id);
create index takeover_running on takeover (ends_at) where ended_at is null;

create table takeover_device (
  takeover_id uuid not null references takeover,
  device_id uuid not null references device,
  -- Of its display, when this takeover first came to show on it; null: another went before it so far.
  version bigint,
  -- When the device first said that it shows it.
  shown_at timestamptz,
  -- Why it last said it cannot.
  failure text,
  failed_at timestamptz,
  primary key (takeover_id, device_id),
  constraint takeover_device_failure check ((failure is null) = (failed_at is null) and length(failure) between 1 and 500)
);
create index takeover_device_device on takeover_device (device_id, takeover_id);

-- What was shown, as the devices tell. What it was called is kept with it: it outlives layouts and media.
create table play (
  id uuid primary key,
  venue_id uuid not null references venue,
  device_id uuid not null,
  -- The device's own number of it: what is told again is there already.
  play_id text not null,
  batch_id text not null,
  layout_id uuid not null,
  layout_name text not null,
  revision integer not null,
  region_id text,
  region_name text,
  media_id uuid,
  media_name text,
  started_at timestamptz not null,
  duration_ms integer not null,
  reported_at timestamptz not null,
  constraint play_once unique (device_id, play_id),
  constraint play_device foreign key (device_id, venue_id) references device (id, venue_id),
  constraint play_ids_length check (length(play_id) between 1 and 64 and length(batch_id) between 1 and 64),
  constraint play_duration check (duration_ms between 1 and 86400000),
  constraint play_region check ((region_id is null) = (region_name is null)),
  constraint play_media check ((media_id is null) = (media_name is null))
);
create index play_venue on play (venue_id, started_at desc, id desc);
create index play_device_time on play (device_id, started_at desc, id desc);
create index play_layout on play (layout_id, started_at desc, id desc);
create index play_media_id on play (media_id, started_at desc, id desc) where media_id is not null;
create index play_started on play (started_at);

grant select, insert, update, delete on schedule to floorwire_app;
grant select, insert, update on takeover, takeover_device to floorwire_app;
grant select, insert, delete on play to floorwire_app;
