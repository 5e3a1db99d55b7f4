-- Who may ask. A person has one account with a home venue, roles per venue, and one session
-- for each sign-in; power comes from these rows at the moment of asking, never from a token.

-- E-mail addresses and usernames are ASCII and compared without case. The "C" collation keeps
-- that the same on every server: lower('I') is not 'i' in every locale.
create table app_user (
  id uuid primary key,
  venue_id uuid not null references venue,
  email text not null,
  username text,
  display_name text,
  password_hash text not null,
  status text not null default 'ACTIVE',
  created_at timestamptz not null default now(),
  constraint app_user_email_shape check (email ~ '^[!-?A-~]+@[!-?A-~]+$' and length(email) <= 254),
  constraint app_user_username_shape check (username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$'),
  constraint app_user_display_name_length check (length(display_name) between 1 and 100),
  constraint app_user_password_hash_kind check (password_hash like '$argon2id$%'),
  constraint app_user_status_known check (status in ('ACTIVE', 'LOCKED', 'DELETED'))
);
create unique index app_user_email_unique on app_user (lower(email collate "C"));
create unique index app_user_username_unique on app_user (lower(username collate "C"));

create table user_role (
  user_id uuid not null references app_user,
  venue_id uuid not null references venue,
  role text not null,
  constraint user_role_pk primary key (user_id, venue_id, role),
  constraint user_role_known check (role in ('ADMIN', 'OPERATOR', 'PLAYER', 'DEVICE', 'PARTNER', 'AUDITOR'))
);

-- One sign-in. `venue_id` is the venue it is for, not the home of its user.
create table auth_session (
  id uuid primary key,
  venue_id uuid not null references venue,
  user_id uuid not null references app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  user_agent text,
  address text,
  constraint auth_session_lasts check (expires_at > created_at),
  constraint auth_session_user_agent_length check (length(user_agent) <= 256),
  constraint auth_session_address_length check (length(address) <= 64)
);

-- What access tokens are signed with, one installation alike on every process. `kid` is the
-- RFC 7638 thumbprint of `public_jwk`. The private key is sealed with a key derived from
-- SECRET_KEY and bound to `kid`. A retired key signs nothing more; tokens it has signed are
-- accepted until they expire. The index lets one of two processes that start at once win.
create table signing_key (
  kid text primary key,
  algorithm text not null,
  public_jwk jsonb not null,
  private_key_encrypted bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  constraint signing_key_algorithm_known check (algorithm = 'EdDSA')
);
create unique index signing_key_one_signs on signing_key (algorithm) where retired_at is null;

grant select, insert, update on app_user, auth_session to floorwire_app;
grant select, insert on user_role, signing_key to floorwire_app;
