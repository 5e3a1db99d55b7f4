-- Files that are uploaded, the media that come of them, and playlists of media.

-- Every file in the storage, and every one on its way there: nothing is written of which no row tells, so that what a
-- crash leaves behind is found. The storage has it under its id.
create table stored_file (
  id uuid primary key,
  venue_id uuid not null references venue,
  purpose text not null,
  -- As announced; a file that is stored is that.
  file_name text not null,
  content_type text not null,
  byte_size bigint not null,
  sha256 bytea not null,
  -- In pixels, of an image that is stored.
  width integer,
  height integer,
  -- STAGED: announced. ARRIVING: a server takes it. STORED: it was checked. TAKEN: it belongs to something.
  -- GONE: it is being deleted.
  status text not null default 'STAGED',
  -- Of what it is uploaded and taken with; null: that is over.
  token_hash bytea,
  staged_by jsonb not null,
  staged_at timestamptz not null,
  -- Then it is deleted; null: never.
  expires_at timestamptz,
  constraint stored_file_with_venue unique (id, venue_id),
  constraint stored_file_token unique (token_hash),
  constraint stored_file_purpose check (purpose in ('MEDIA', 'FIRMWARE')),
  constraint stored_file_status check (status in ('STAGED', 'ARRIVING', 'STORED', 'TAKEN', 'GONE')),
  constraint stored_file_size check (byte_size > 0),
  constraint stored_file_sha256 check (length(sha256) = 32),
  constraint stored_file_pixels check ((width is null) = (height is null) and width > 0 and height > 0),
  constraint stored_file_expiry check (status = 'TAKEN' or expires_at is not null)
);
create index stored_file_due on stored_file (expires_at) where expires_at is not null;

create table media (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  kind text not null,
  tags text[] not null default '{}',
  -- The file it is now: grows with each that takes the place of the one before.
  revision integer not null default 1,
  status text not null default 'ACTIVE',
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by jsonb not null,
  constraint media_with_venue unique (id, venue_id),
  constraint media_name_length check (length(name) between 1 and 100),
  constraint media_kind check (kind in ('IMAGE', 'VIDEO', 'DOCUMENT')),
  constraint media_revision_positive check (revision > 0),
  constraint media_status check (status in ('ACTIVE', 'DELETED'))
);
create index media_venue on media (venue_id, created_at desc, id desc) where status = 'ACTIVE';

-- Which file it was and is. What is under an address once never changes; it goes with its file.
create table media_revision (
  media_id uuid not null,
  venue_id uuid not null references venue,
  revision integer not null,
  file_id uuid not null,
  created_at timestamptz not null,
  primary key (media_id, revision),
  constraint media_revision_media foreign key (media_id, venue_id) references media (id, venue_id),
  constraint media_revision_file foreign key (file_id, venue_id) references stored_file (id, venue_id) on delete cascade,
  constraint media_revision_own_file unique (file_id)
);

create table playlist (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by jsonb not null,
  constraint playlist_with_venue unique (id, venue_id),
  constraint playlist_name_length check (length(name) between 1 and 100)
);
create index playlist_venue on playlist (venue_id, created_at desc, id desc);

create table playlist_item (
  playlist_id uuid not null,
  venue_id uuid not null references venue,
  -- From 0 on, without gaps.
  position integer not null,
  media_id uuid not null,
  -- Null: as long as a video takes.
  duration_seconds integer,
  primary key (playlist_id, position),
  constraint playlist_item_playlist foreign key (playlist_id, venue_id) references playlist (id, venue_id),
  constraint playlist_item_media foreign key (media_id, venue_id) references media (id, venue_id),
  constraint playlist_item_position check (position >= 0),
  constraint playlist_item_duration check (duration_seconds between 1 and 86400)
);
create index playlist_item_of_media on playlist_item (media_id);

grant select, insert, update, delete on stored_file, playlist_item to floorwire_app;
grant select, insert, update on media, playlist to floorwire_app;
grant select, insert, delete on media_revision to floorwire_app;
