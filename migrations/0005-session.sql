-- What a sign-in is renewed with: one line of refresh tokens for each session, of which only
-- the newest is good. `token_hash` is the SHA-256 of the token, which itself is nowhere. A used
-- token is kept for as long as its session could last, because whoever shows it again holds a
-- copy. The index is what lets one of two renewals at once win.
create table refresh_token (
  token_hash bytea primary key,
  venue_id uuid not null references venue,
  session_id uuid not null references auth_session,
  created_at timestamptz not null,
  used_at timestamptz,
  constraint refresh_token_hash_length check (octet_length(token_hash) = 32)
);
create unique index refresh_token_one_unused on refresh_token (session_id) where used_at is null;
create index refresh_token_by_session on refresh_token (session_id);
create index auth_session_by_user on auth_session (user_id, created_at desc, id desc);
create index auth_session_by_expiry on auth_session (expires_at);

grant select, insert, update, delete on refresh_token to floorwire_app;
