-- What a socket begins with in place of an access token. `token_hash` is the SHA-256 of the token,
-- which itself is nowhere. It has the power of the session or API key it was asked for with
-- (`credential_id`), which is read anew whenever it is used, and it goes when that ends. A person's
-- or a device's credential is a session, a partner's is its key, so nothing can be referenced.
create table realtime_token (
  token_hash bytea primary key,
  venue_id uuid not null references venue,
  actor_kind text not null,
  actor_id uuid not null,
  credential_id uuid not null,
  single_use boolean not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint realtime_token_hash_length check (octet_length(token_hash) = 32),
  constraint realtime_token_actor_kind check (actor_kind in ('user', 'device', 'partner'))
);
create index realtime_token_by_credential on realtime_token (credential_id);
create index realtime_token_by_expiry on realtime_token (expires_at);

grant select, insert, delete on realtime_token to floorwire_app;
