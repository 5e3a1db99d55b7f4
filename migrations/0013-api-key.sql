-- What a partner system asks with. `prefix` is how the key begins, and is no secret; `secret_hash`
-- is the SHA-256 of the whole key, which itself is nowhere. A key may exactly what `scopes` says,
-- whatever becomes of the user who made it. It is kept when it is revoked: who had access remains
-- to be seen.
create table api_key (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  prefix text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  event_types text[] not null,
  created_by uuid references app_user,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_key_prefix_unique unique (prefix),
  constraint api_key_prefix_shape check (prefix ~ '^fw_[0-9a-f]{12}$'),
  constraint api_key_name_length check (length(name) between 1 and 100),
  constraint api_key_hash_length check (octet_length(secret_hash) = 32),
  constraint api_key_has_scope check (cardinality(scopes) > 0),
  constraint api_key_lasts check (expires_at > created_at)
);
create index api_key_by_venue on api_key (venue_id, created_at desc, id desc);

-- A partner asks for commands and locks too, so an id alone does not say who it was.
alter table machine add column locked_by_kind text;
update machine set locked_by_kind = 'user' where locked_by is not null;
alter table machine
  add constraint machine_locked_by_known check (locked_by_kind in ('user', 'partner')),
  add constraint machine_locked_by_whole check ((locked_by is null) = (locked_by_kind is null));

alter table machine_command add column requested_by_kind text;
update machine_command set requested_by_kind = 'user' where requested_by is not null;
alter table machine_command
  add constraint machine_command_requested_by_known check (requested_by_kind in ('user', 'partner')),
  add constraint machine_command_requested_by_whole check ((requested_by is null) = (requested_by_kind is null));

grant select, insert on api_key to floorwire_app;
grant update (last_used_at, revoked_at) on api_key to floorwire_app;
