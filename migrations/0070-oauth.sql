-- Who people are elsewhere, so that they can sign in with it. An account that was made by such a sign-in has no
-- password: its `password_hash` is of random bytes that nobody knows, so that all else which hangs on that hash
-- holds for it too. It gets a password once and keeps one.
alter table app_user add column has_password boolean not null default true;

create function keep_having_a_password() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  raise exception 'user % would lose his password', old.id
    using errcode = 'check_violation', constraint = 'app_user_keeps_a_password';
end
$$;
create trigger app_user_keeps_a_password before update of has_password on app_user
  for each row when (old.has_password and not new.has_password)
  execute function keep_having_a_password();

-- Somebody at a provider. A subject is told from others by whoever issued it alone, and another server may answer
-- under the same provider's name one day: `issuer` is the one it was. `email` is what the provider said last, to
-- tell the owner which account there it is; nobody is found by it. It belongs to an account and so to every venue.
create table linked_identity (
  id uuid primary key,
  user_id uuid not null references app_user,
  provider text not null,
  issuer text not null,
  subject text not null,
  email text,
  linked_at timestamptz not null,
  last_used_at timestamptz not null,
  constraint linked_identity_provider_known check (provider in ('GOOGLE', 'GITHUB')),
  constraint linked_identity_issuer_length check (length(issuer) between 1 and 500),
  constraint linked_identity_subject_length check (length(subject) between 1 and 255),
  constraint linked_identity_email_length check (length(email) <= 254),
  constraint linked_identity_used_since_linked check (last_used_at >= linked_at),
  constraint linked_identity_one_account unique (provider, issuer, subject),
  constraint linked_identity_one_of_provider unique (user_id, provider, issuer)
);

-- Whoever has no password keeps an identity. Two that go at once meet at the row of their account, so that the
-- second sees that the first is gone.
create function keep_a_way_in() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  perform 1 from app_user where id = old.user_id and status <> 'DELETED' and not has_password for no key update;
  if found and not exists (select 1 from linked_identity where user_id = old.user_id) then
    raise exception 'user % would have no way in', old.user_id
      using errcode = 'check_violation', constraint = 'linked_identity_last_way_in';
  end if;
  return null;
end
$$;
create trigger linked_identity_keeps_a_way_in after delete on linked_identity
  for each row execute function keep_a_way_in();

-- A sign-in that somebody began and a provider is to answer. `state_hash` is the SHA-256 of what the answer comes
-- back with, `verifier_hash` that of what the client which began it keeps to itself and the provider compares too
-- (PKCE, RFC 7636). Using it deletes the row. Without a venue it leads to the home of whoever it turns out to be.
-- With a user it links, in the session that asked for it, and signs nobody in.
create table oauth_state (
  state_hash bytea primary key,
  venue_id uuid references venue,
  provider text not null,
  redirect_uri text not null,
  verifier_hash bytea not null,
  user_id uuid references app_user,
  session_id uuid references auth_session,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint oauth_state_hash_length check (octet_length(state_hash) = 32),
  constraint oauth_state_verifier_length check (octet_length(verifier_hash) = 32),
  constraint oauth_state_provider_known check (provider in ('GOOGLE', 'GITHUB')),
  constraint oauth_state_links_in_session check ((user_id is null) = (session_id is null)),
  constraint oauth_state_lasts check (expires_at > created_at)
);
create index oauth_state_by_expiry on oauth_state (expires_at);
create index oauth_state_by_user on oauth_state (user_id) where user_id is not null;

grant select, insert, update, delete on linked_identity to floorwire_app;
grant select, insert, delete on oauth_state to floorwire_app;
