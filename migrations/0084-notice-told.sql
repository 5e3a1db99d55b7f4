-- What comes again and again was told when: it is not told again for a while, though nobody has the notice any more,
-- who deleted it, or was told by mail alone.
create table notice_told (
  venue_id uuid not null references venue,
  event_type text not null,
  -- The id of the device or the lot that it is about.
  about uuid not null,
  told_at timestamptz not null,
  constraint notice_told_pk primary key (venue_id, event_type, about)
);
grant select, insert, update on notice_told to floorwire_app;
