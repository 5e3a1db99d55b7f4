-- Who is connected now, to whichever process. Each process writes down its own connections and says
-- every few seconds that it lives; what a dead one left is passed over when its lease is over, and
-- deleted by whichever process looks next. Nothing here outlives the connections themselves, so a crash
-- of PostgreSQL may empty both tables: each process fills in its part at its next heartbeat.
create unlogged table realtime_process (
  id uuid primary key,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- All that is open in the process, nobody's included.
  sockets integer not null,
  streams integer not null,
  operations integer not null,
  constraint realtime_process_counts check (sockets >= 0 and streams >= 0 and operations >= 0)
);

-- What is open on behalf of somebody. No keys to people: whom a row speaks of may be gone before it.
create unlogged table realtime_connection (
  id uuid primary key,
  process_id uuid not null,
  venue_id uuid not null,
  transport text not null,
  holder_kind text not null,
  holder_id uuid not null,
  -- The session or the API key.
  credential_id uuid not null,
  address text,
  user_agent text,
  connected_at timestamptz not null,
  expires_at timestamptz,
  operations integer not null,
  constraint realtime_connection_process_fk foreign key (process_id) references realtime_process on delete cascade,
  constraint realtime_connection_transport check (transport in ('WEBSOCKET', 'SSE')),
  constraint realtime_connection_holder check (holder_kind in ('user', 'device', 'partner')),
  constraint realtime_connection_operations check (operations >= 0)
);
create index realtime_connection_by_venue on realtime_connection (venue_id, connected_at, id);
create index realtime_connection_by_holder on realtime_connection (holder_id);
create index realtime_connection_by_process on realtime_connection (process_id);

-- Before a state signal is handed to subscribers, each process asks whether somebody's rights changed
-- meanwhile (events/signal-gate.ts). Both are nearly empty, so asking costs nothing.
create index outbox_of_rights on outbox (id)
  where type in ('auth.roles-changed', 'auth.session-revoked', 'auth.api-key-revoked', 'realtime.client-disconnected');
create index event_log_of_rights on event_log (position)
  where type in ('auth.roles-changed', 'auth.session-revoked', 'auth.api-key-revoked', 'realtime.client-disconnected');

grant select, insert, update, delete on realtime_process, realtime_connection to floorwire_app;
