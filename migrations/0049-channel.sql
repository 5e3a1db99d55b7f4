-- What was said on the channels of a venue: the venue's own, those of its people and devices, and the named ones
-- that `notification/channel-policy.ts` lists. Kept as long as the events that announced it.
create table channel_message (
  id uuid primary key,
  venue_id uuid not null references venue,
  -- `venue`, `user:<id>`, `device:<id>`, or the name of a custom one.
  channel text not null,
  type text not null,
  -- JSON as a text: the order of its keys, and whatever else `jsonb` would tidy up, is part of the message.
  data text not null,
  sender jsonb not null,
  sent_at timestamptz not null,
  constraint channel_message_channel check (channel ~ '^(venue|(user|device):[0-9a-f-]{36}|[a-z]+(-[a-z]+)+)$'),
  constraint channel_message_type check (type ~ '^[A-Za-z][A-Za-z0-9._:/-]{0,63}$'),
  constraint channel_message_size check (octet_length(data) <= 16384)
);
create index channel_message_by_channel on channel_message (channel, venue_id, sent_at, id);
create index channel_message_age on channel_message (sent_at);

-- To how many subscriptions each process handed it. A process that has none says so, so that who waits for the sum
-- knows when it is whole.
create table channel_delivery (
  message_id uuid not null,
  process_id uuid not null,
  subscriptions integer not null,
  constraint channel_delivery_once primary key (message_id, process_id),
  constraint channel_delivery_message_fk foreign key (message_id) references channel_message on delete cascade,
  constraint channel_delivery_count check (subscriptions >= 0)
);

-- What is followed on a connection: how many subscriptions, and the channels, each once for every subscription to it.
alter table realtime_connection
  add column subscriptions integer not null default 0,
  add column channels text[] not null default '{}',
  add constraint realtime_connection_subscriptions check (subscriptions >= 0);

grant select, insert, delete on channel_message, channel_delivery to floorwire_app;
