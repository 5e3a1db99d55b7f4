-- That an attendant has taken note of an event: who first did, and when. The event itself never changes.
create table machine_event_acknowledgement (
  event_id uuid primary key references machine_event on delete cascade,
  venue_id uuid not null references venue,
  note text,
  acknowledged_at timestamptz not null,
  acknowledged_by uuid,
  acknowledged_by_kind text,
  constraint machine_event_acknowledgement_by check (acknowledged_by_kind in ('user', 'partner')),
  constraint machine_event_acknowledgement_by_whole check ((acknowledged_by is null) = (acknowledged_by_kind is null))
);
create index machine_event_acknowledgement_by_whom on machine_event_acknowledgement (acknowledged_by);

grant select, insert on machine_event_acknowledgement to floorwire_app;
