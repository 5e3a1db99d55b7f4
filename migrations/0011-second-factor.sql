-- A second factor belongs to an account and so to every venue where its owner has a role. Its
-- secret is sealed with a key derived from SECRET_KEY and bound to the user. It is asked for once
-- `enabled_at` says that its owner has shown a code of it. `last_step` is the thirty seconds whose
-- code was taken last: no code of it or before is taken again. `failures` are wrong codes in a row.
create table second_factor (
  user_id uuid primary key references app_user,
  secret_encrypted bytea not null,
  created_at timestamptz not null,
  enabled_at timestamptz,
  last_step integer,
  failures integer not null default 0,
  failed_at timestamptz,
  constraint second_factor_enabled_by_code check ((enabled_at is null) = (last_step is null)),
  constraint second_factor_failures_dated check (failures >= 0 and (failures = 0) = (failed_at is null))
);

-- What lets its owner in without it, each once. Eighty random bits need no salt: `code_hash` is
-- their SHA-256.
create table recovery_code (
  user_id uuid not null references second_factor on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  constraint recovery_code_pk primary key (user_id, code_hash),
  constraint recovery_code_hash_length check (octet_length(code_hash) = 32)
);

-- A sign-in whose password was right and whose second factor is awaited. `token_hash` is the
-- SHA-256 of what the client holds; `password_digest` that of the password's hash, so that the
-- sign-in ends with the password it began with.
create table sign_in_challenge (
  token_hash bytea primary key,
  venue_id uuid not null references venue,
  user_id uuid not null references app_user,
  password_digest bytea not null,
  tries_left smallint not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint sign_in_challenge_hash_length check (octet_length(token_hash) = 32),
  constraint sign_in_challenge_digest_length check (octet_length(password_digest) = 32),
  constraint sign_in_challenge_tries_left check (tries_left > 0),
  constraint sign_in_challenge_lasts check (expires_at > created_at)
);
create index sign_in_challenge_by_user on sign_in_challenge (user_id, expires_at);

grant select, insert, update, delete on second_factor, sign_in_challenge to floorwire_app;
grant select, insert, update on recovery_code to floorwire_app;
