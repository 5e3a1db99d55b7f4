-- What happened to one person, a page of each type: as many events of others as there may be, they are not read.
create index event_log_by_owner on event_log (venue_id, (payload ->> 'userId'), type, position)
  where payload ->> 'userId' is not null;
