-- Wrong passwords, second factors and pairing codes of late. `subject_digest` is an HMAC of the
-- name that was tried, so that what people typed is nowhere and a name without an account counts
-- like any other. `locks` marks the failure that was one too many: from then on, for the time of
-- the window, what is tried for this subject is refused, from this address or from any. A subject
-- is tried before anybody knows at which venue it is, so rows belong to no venue.
create table sign_in_failure (
  id uuid primary key,
  kind text not null,
  subject_digest bytea not null,
  address text,
  user_id uuid references app_user,
  failed_at timestamptz not null,
  locks text,
  constraint sign_in_failure_kind_known check (kind in ('PASSWORD', 'SECOND_FACTOR', 'PAIRING_CODE')),
  constraint sign_in_failure_digest_length check (octet_length(subject_digest) = 32),
  constraint sign_in_failure_address_length check (length(address) <= 64),
  constraint sign_in_failure_locks_known check (locks in ('ADDRESS', 'ACCOUNT'))
);
create index sign_in_failure_by_subject on sign_in_failure (subject_digest, failed_at);
create index sign_in_failure_by_user on sign_in_failure (user_id) where user_id is not null;
create index sign_in_failure_by_time on sign_in_failure (failed_at);

grant select, insert, delete on sign_in_failure to floorwire_app;
