-- A screen, lab board, gate or sensor that signs in by itself. `pairing_code_hash` is the SHA-256 of
-- the code that was shown once when it was registered; the code itself is nowhere.
create table device (
  id uuid primary key,
  venue_id uuid not null references venue,
  device_number text not null,
  kind text not null,
  serial_number text not null,
  name text not null,
  pairing_code_hash bytea not null,
  status text not null default 'ACTIVE',
  created_at timestamptz not null,
  constraint device_number_unique unique (venue_id, device_number),
  constraint device_serial_unique unique (venue_id, serial_number),
  constraint device_number_shape check (device_number ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'),
  constraint device_serial_shape check (serial_number ~ '^[!-~]{1,64}$'),
  constraint device_name_length check (length(name) between 1 and 100),
  constraint device_kind_known check (kind in ('SCREEN', 'LAB_BOARD', 'GATE', 'SENSOR')),
  constraint device_status_known check (status in ('ACTIVE', 'REMOVED')),
  constraint device_code_hash_length check (octet_length(pairing_code_hash) = 32)
);

-- A session is a person's or a device's. A device has one at a time: whoever signs in with a copied
-- code ends that of the device, which so notices.
alter table auth_session alter column user_id drop not null;
alter table auth_session
  add column device_id uuid references device,
  add constraint auth_session_one_holder check (num_nonnulls(user_id, device_id) = 1);
create unique index auth_session_one_per_device on auth_session (device_id) where revoked_at is null;

-- Devices and partners ask with credentials of their own: nobody is one.
alter table user_role drop constraint user_role_known;
alter table user_role
  add constraint user_role_known check (role in ('ADMIN', 'OPERATOR', 'PLAYER', 'AUDITOR'));

grant select, insert, update on device to floorwire_app;
