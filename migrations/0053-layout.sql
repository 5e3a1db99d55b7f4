-- What screens show: layouts as they are worked on and as they were published, and of each device what it shall show
-- and what it says it shows.

create table layout (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  -- The canvas, in pixels.
  width integer not null,
  height integer not null,
  -- The draft: `signage/region.ts` has its shape.
  regions jsonb not null default '[]',
  status text not null default 'DRAFT',
  -- The newest; null: none was ever published, and no screen can show it.
  published_revision integer,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by jsonb not null,
  constraint layout_name_length check (length(name) between 1 and 100),
  constraint layout_canvas check (width between 1 and 16384 and height between 1 and 16384),
  constraint layout_regions_list check (jsonb_typeof(regions) = 'array'),
  constraint layout_status check (status in ('DRAFT', 'PUBLISHED', 'DELETED')),
  constraint layout_published check (status = 'DELETED' or (status = 'PUBLISHED') = (published_revision is not null)),
  constraint layout_with_venue unique (id, venue_id)
);
create unique index layout_name_unique on layout (venue_id, name) where status <> 'DELETED';
create index layout_venue on layout (venue_id, created_at desc, id desc);

-- A layout as it was published. What a screen was given is never another afterwards.
create table layout_revision (
  layout_id uuid not null,
  venue_id uuid not null references venue,
  revision integer not null,
  name text not null,
  width integer not null,
  height integer not null,
  regions jsonb not null,
  note text,
  published_at timestamptz not null,
  published_by jsonb not null,
  primary key (layout_id, revision),
  constraint layout_revision_layout foreign key (layout_id, venue_id) references layout (id, venue_id),
  constraint layout_revision_positive check (revision > 0),
  constraint layout_revision_note check (length(note) between 1 and 500)
);

alter table layout
  add constraint layout_published_revision foreign key (id, published_revision) references layout_revision (layout_id, revision);

alter table device add constraint device_with_venue unique (id, venue_id);

-- Of each device that ever was to show something: what it was pushed, what of all that is wanted of it it shall show
-- now, and what it says it does.
create table device_display (
  device_id uuid primary key,
  venue_id uuid not null references venue,
  -- What it was pushed last, and shows whenever nothing goes before that.
  pushed_layout_id uuid,
  pushed_revision integer,
  desired_layout_id uuid,
  desired_revision integer,
  -- What put it there, and which one of them; null with nothing to show.
  cause text,
  cause_id uuid,
  -- Grows whenever the device is to do something; with it the device answers.
  version bigint not null default 0,
  desired_at timestamptz,
  -- Until then time alone changes nothing of it; null: it never does.
  due_at timestamptz,
  -- The version it last said it shows, and what that was.
  applied_version bigint,
  applied_layout_id uuid,
  applied_revision integer,
  applied_at timestamptz,
  -- The version it last said it cannot show, and why.
  failed_version bigint,
  failure text,
  failed_at timestamptz,
  constraint device_display_device foreign key (device_id, venue_id) references device (id, venue_id),
  constraint device_display_pushed foreign key (pushed_layout_id, pushed_revision) references layout_revision (layout_id, revision),
  constraint device_display_desired foreign key (desired_layout_id, desired_revision) references layout_revision (layout_id, revision),
  constraint device_display_applied foreign key (applied_layout_id, applied_revision) references layout_revision (layout_id, revision),
  constraint device_display_pushed_whole check ((pushed_layout_id is null) = (pushed_revision is null)),
  constraint device_display_desired_whole check ((desired_layout_id is null) = (desired_revision is null)
    and (desired_layout_id is null) = (cause is null)),
  constraint device_display_cause check (cause in ('PUSH', 'SCHEDULE', 'TAKEOVER')),
  constraint device_display_applied_whole check ((applied_version is null) = (applied_at is null)),
  constraint device_display_failure check ((failed_version is null) = (failure is null)
    and (failed_version is null) = (failed_at is null) and length(failure) between 1 and 500)
);
create index device_display_pushed_layout on device_display (pushed_layout_id);
create index device_display_desired_layout on device_display (desired_layout_id);
create index device_display_due on device_display (due_at) where due_at is not null;

grant select, insert, update on layout, device_display to floorwire_app;
grant select, insert on layout_revision to floorwire_app;
