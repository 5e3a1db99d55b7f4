-- All rows of one kind of a venue, written into a file that is fetched when it is done.

-- A file in the storage may be one that was written here. It may be empty, and nobody uploads it.
alter table stored_file
  drop constraint stored_file_purpose,
  add constraint stored_file_purpose check (purpose in ('MEDIA', 'FIRMWARE', 'EXPORT')),
  drop constraint stored_file_size,
  add constraint stored_file_size check (byte_size > 0 or (purpose = 'EXPORT' and byte_size = 0)),
  add constraint stored_file_export_has_no_token check (purpose <> 'EXPORT' or token_hash is null);

create table bulk_export (
  id uuid primary key,
  venue_id uuid not null references venue,
  kind text not null,
  -- Which rows are meant; what is left out means all.
  filter jsonb not null,
  status text not null default 'PENDING',
  requested_by jsonb not null,
  created_at timestamptz not null,
  -- How often somebody began to write it.
  attempts smallint not null default 0,
  -- Who writes it now: no other process knows it. After the lease anybody takes it up.
  attempt_id uuid,
  leased_until timestamptz,
  -- So far while it is written.
  row_count bigint not null default 0,
  byte_count bigint,
  sha256 bytea,
  file_id uuid,
  finished_at timestamptz,
  -- Then the file is deleted.
  expires_at timestamptz,
  failure text,
  constraint bulk_export_kind check (kind in ('SLOTS', 'BOOKINGS', 'LEDGER_ENTRIES', 'MACHINE_EVENTS', 'METER_READINGS',
    'PARKING_SESSIONS', 'AUDIT_ENTRIES')),
  constraint bulk_export_status check (status in ('PENDING', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED')),
  constraint bulk_export_failure check (failure in ('TOO_LARGE', 'TOO_LONG', 'INTERNAL')),
  constraint bulk_export_failed check ((status = 'FAILED') = (failure is not null)),
  constraint bulk_export_running check ((status = 'RUNNING') = (attempt_id is not null)
    and (attempt_id is null) = (leased_until is null)),
  constraint bulk_export_finished check ((status in ('PENDING', 'RUNNING')) = (finished_at is null)),
  -- What is told to be done can be fetched.
  constraint bulk_export_done check (status <> 'DONE' or (file_id is not null and expires_at is not null)),
  constraint bulk_export_told check ((status in ('DONE', 'EXPIRED')) = (sha256 is not null)
    and (sha256 is null) = (byte_count is null)),
  constraint bulk_export_sha256 check (length(sha256) = 32),
  constraint bulk_export_file foreign key (file_id, venue_id) references stored_file (id, venue_id)
    on delete set null (file_id)
);
create index bulk_export_list on bulk_export (venue_id, created_at desc, id desc);
create index bulk_export_open on bulk_export (venue_id, created_at, id) where status in ('PENDING', 'RUNNING');
create index bulk_export_expiring on bulk_export (expires_at) where status = 'DONE';
create index bulk_export_age on bulk_export (finished_at) where status not in ('PENDING', 'RUNNING', 'DONE');
create index bulk_export_file_id on bulk_export (file_id) where file_id is not null;
create index bulk_export_by_requester on bulk_export ((requested_by ->> 'id'), created_at desc);

grant select, insert, update, delete on bulk_export to floorwire_app;
