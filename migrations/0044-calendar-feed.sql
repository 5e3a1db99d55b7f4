-- An address under which a calendar reads what somebody has booked at a venue. Its token is nowhere but with whoever
-- made it; whoever knows it reads. A feed that is revoked is gone.
create table calendar_feed (
  id uuid primary key,
  venue_id uuid not null references venue,
  user_id uuid not null references app_user,
  name text not null,
  token_hash bytea not null,
  created_at timestamptz not null,
  constraint calendar_feed_token_once unique (token_hash),
  constraint calendar_feed_token_length check (octet_length(token_hash) = 32),
  constraint calendar_feed_name_length check (length(name) between 1 and 100)
);
create index calendar_feed_owner on calendar_feed (user_id, venue_id, created_at);

grant select, insert, delete on calendar_feed to floorwire_app;
