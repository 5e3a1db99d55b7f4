-- Where a change was asked for, beside who asked: the address and the number of the request under
-- which the log of the process knows it. Personal, so it goes when the payload goes; null for what
-- floorwire does by itself. It is covered by the digest, and an event without it has the digest it
-- always had. The sequencer carries it from 0014 on.
alter table outbox add column origin jsonb;
alter table event_log add column origin jsonb;
alter table event_log add constraint event_log_origin_erased check (payload is not null or origin is null);

create function event_payload_digest(salt bytea, venue_id uuid, actor jsonb, payload jsonb, origin jsonb) returns bytea
language sql immutable parallel safe
return sha256(salt || uuid_send(venue_id) || convert_to(actor::text, 'UTF8') || convert_to(payload::text, 'UTF8')
  || convert_to(coalesce(origin::text, ''), 'UTF8'));
