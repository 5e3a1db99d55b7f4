-- What layouts need to be worked on by several: which version was published, who is at work now, and pushes that are
-- to come.

alter table layout
  -- The version that was published last: at any other the draft has been changed since.
  add column published_version integer,
  -- Grows whenever others than before work on it.
  add column editing_revision bigint not null default 0;

-- Somebody who has a layout open to work on it, one row for each session or key and layout. It is over at
-- `expires_at` unless he says again that he is there.
create table layout_editor (
  layout_id uuid not null,
  venue_id uuid not null references venue,
  -- The session or key he works with: when it ends he is gone.
  credential_id uuid not null,
  actor jsonb not null,
  -- The region he has for himself; null: none.
  region_id text,
  joined_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (layout_id, credential_id),
  constraint layout_editor_layout foreign key (layout_id, venue_id) references layout (id, venue_id),
  constraint layout_editor_region_shape check (region_id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  constraint layout_editor_expiry_later check (expires_at > joined_at)
);
create unique index layout_editor_one_per_region on layout_editor (layout_id, region_id) where region_id is not null;
create index layout_editor_expiry on layout_editor (expires_at);
create index layout_editor_credential on layout_editor (credential_id);

-- A push that is to be made at a time, of what is published then.
create table layout_push (
  id uuid primary key,
  venue_id uuid not null references venue,
  layout_id uuid not null,
  -- Null: whatever was pushed the layout then.
  device_ids uuid[],
  due_at timestamptz not null,
  status text not null default 'WAITING',
  created_at timestamptz not null,
  created_by jsonb not null,
  ended_at timestamptz,
  constraint layout_push_layout foreign key (layout_id, venue_id) references layout (id, venue_id),
  constraint layout_push_devices_some check (cardinality(device_ids) > 0),
  constraint layout_push_status_known check (status in ('WAITING', 'DONE', 'CANCELLED')),
  constraint layout_push_ended check ((status = 'WAITING') = (ended_at is null))
);
create index layout_push_due on layout_push (due_at) where status = 'WAITING';
create index layout_push_of_layout on layout_push (layout_id, due_at, id) where status = 'WAITING';

grant select, insert, update, delete on layout_editor to floorwire_app;
grant select, insert, update on layout_push to floorwire_app;
