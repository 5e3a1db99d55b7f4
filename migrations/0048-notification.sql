-- What people are told: one row for each person and each thing he is told, kept until he has read it.
create table notification (
  id uuid primary key,
  venue_id uuid not null references venue,
  user_id uuid not null references app_user,
  type text not null,
  severity text not null,
  message text not null,
  -- What it is about, with ids as tables have them; what somebody sent stands as he wrote it.
  data jsonb not null,
  -- Shown only while he has one of these roles at the venue; null: whatever he is.
  roles text[],
  -- What it follows from: the event at this place of the log, or what somebody sent to many.
  event_type text,
  event_position bigint,
  sent_id uuid,
  created_at timestamptz not null,
  read_at timestamptz,
  -- Not where he wants it by mail alone.
  is_shown boolean not null,
  -- Until then a mail of it is to be posted; null: none is, or it was.
  mail_until timestamptz,
  constraint notification_type check (type in ('RESERVATION', 'PARKING_LOT', 'BOOKING', 'WAITLIST', 'WALLET', 'MACHINE',
    'DEVICE', 'LAYOUT', 'SECURITY', 'SYSTEM')),
  constraint notification_severity check (severity in ('INFO', 'SUCCESS', 'WARNING', 'CRITICAL')),
  constraint notification_message_length check (length(message) between 1 and 500),
  constraint notification_cause check ((event_position is null) = (event_type is null)
    and (event_position is null) = (sent_id is not null)),
  -- However often it is tried, and by whichever process, nobody is told a thing twice.
  constraint notification_once unique (user_id, event_position),
  constraint notification_sent_once unique (user_id, sent_id)
);
create index notification_list on notification (user_id, venue_id, created_at desc, id desc) where is_shown;
create index notification_unread on notification (user_id, venue_id) where is_shown and read_at is null;
create index notification_read on notification (read_at) where read_at is not null;
create index notification_age on notification (created_at);
create index notification_mail on notification (id) where mail_until is not null;

-- What somebody wants to be told of one type at a venue, and how; null: as is usual for what he is.
create table notification_preference (
  user_id uuid not null references app_user,
  venue_id uuid not null references venue,
  type text not null,
  in_app boolean,
  by_mail boolean,
  changed_at timestamptz not null,
  constraint notification_preference_pk primary key (user_id, venue_id, type),
  constraint notification_preference_type check (type in ('RESERVATION', 'PARKING_LOT', 'BOOKING', 'WAITLIST', 'WALLET',
    'MACHINE', 'DEVICE', 'LAYOUT', 'SECURITY', 'SYSTEM')),
  -- Of what happens to his account he is told in any case.
  constraint notification_preference_security check (type <> 'SECURITY' or in_app is distinct from false)
);

-- Nobody is told of what was over before there were notices.
insert into reactor (name, position, types) select 'notices', coalesce(max(position), 0), '{}' from event_log;

-- What somebody reads or throws away of his own is nobody else's business for years.
create or replace function is_audited(type text, actor jsonb) returns boolean
language sql immutable parallel safe
return type like 'auth.%'
  or (actor->>'kind' <> 'system' and type not in ('notification.created', 'notification.read', 'notification.deleted'));

grant select, insert, delete on notification to floorwire_app;
grant update (read_at, mail_until) on notification to floorwire_app;
grant select, insert, update, delete on notification_preference to floorwire_app;
