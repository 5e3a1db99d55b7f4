-- Events that a reactor failed on again and again and that it must not lose: it went on without them, and tries them
-- again from time to time, as long as the log has them. The log does not wait for them.
create table reactor_leftover (
  name text not null references reactor on delete cascade,
  position bigint not null,
  tries integer not null default 0 check (tries >= 0),
  try_at timestamptz not null,
  primary key (name, position)
);
create index reactor_leftover_due on reactor_leftover (name, try_at);
grant select, insert, update, delete on reactor_leftover to floorwire_app;
