-- Mail follows from what is committed: the transaction that makes it necessary leaves it here, and
-- the row goes when a mail server has taken the mail, or when the mail is no use any more. It holds
-- an address and mostly a live secret, so it is sealed with a key derived from SECRET_KEY and bound
-- to `id`.
create table mail_outbox (
  id uuid primary key,
  venue_id uuid not null references venue,
  kind text not null,
  message_encrypted bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  tries integer not null default 0,
  next_try_at timestamptz not null,
  constraint mail_outbox_kind_shape check (kind ~ '^[A-Z]+(_[A-Z]+)*$'),
  constraint mail_outbox_lasts check (expires_at > created_at),
  constraint mail_outbox_tries_counted check (tries >= 0)
);
create index mail_outbox_by_next_try on mail_outbox (next_try_at, id);

-- What somebody may do who reads the mail of `email`: good once, so using it deletes the row, and only
-- while the account still has the address (or, for CHANGE_EMAIL, is to get it). `token_hash` is the
-- SHA-256 of the token, which itself is in the mail alone. A row that was made void stays until it is
-- old, because rows are what bounds the mails of an account.
create table account_token (
  token_hash bytea primary key,
  venue_id uuid not null references venue,
  user_id uuid not null references app_user,
  purpose text not null,
  email text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint account_token_hash_length check (octet_length(token_hash) = 32),
  constraint account_token_purpose_known check (purpose in ('VERIFY_EMAIL', 'RESET_PASSWORD', 'CHANGE_EMAIL')),
  constraint account_token_lasts check (expires_at >= created_at)
);
create index account_token_by_user on account_token (user_id, purpose, created_at);
create index account_token_by_age on account_token (created_at);

-- Somebody asked for a mail to this address. Whether there is an account is looked up later, by a job:
-- so who asks gets the same answer after the same work. It belongs to no venue before that.
create table account_mail_request (
  id uuid primary key,
  purpose text not null,
  email text not null,
  origin jsonb,
  created_at timestamptz not null,
  constraint account_mail_request_purpose_known check (purpose in ('VERIFY_EMAIL', 'RESET_PASSWORD')),
  constraint account_mail_request_email_length check (length(email) <= 254)
);

grant select, insert, update, delete on mail_outbox, account_token to floorwire_app;
grant select, insert, delete on account_mail_request to floorwire_app;
