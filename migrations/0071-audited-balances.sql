-- Every change of a balance is on record, also one that nobody asked for: money that a machine was given or gave
-- back, a hold whose time was over.

-- No sequencer is at it meanwhile: what is placed behind the head of now is on record.
select pg_advisory_xact_lock(7307811, 1);

create or replace function is_audited(type text, actor jsonb) returns boolean
language sql immutable parallel safe
return type = 'wallet.balance-changed'
  or type like 'auth.%'
  or (actor->>'kind' <> 'system' and type not in ('notification.created', 'notification.read', 'notification.deleted'));

-- From which position on a type is on record whoever did it: what floorwire did before is not missing there.
create table audited_since (
  type text not null,
  position bigint not null,
  constraint audited_since_pk primary key (type)
);
insert into audited_since (type, position)
select 'wallet.balance-changed', coalesce(max(position), 0) + 1 from event_log;

grant select on audited_since to floorwire_app;
