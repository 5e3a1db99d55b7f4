-- When the machine itself said what became of a transfer that a person had settled meanwhile. Until it did, one that
-- was settled because nothing was heard of it is asked about.
alter table aft_transfer add column heard_at timestamptz;
alter table aft_transfer add constraint aft_transfer_heard check (heard_at is null or state = 'MANUALLY_RESOLVED');
create index aft_transfer_unheard on aft_transfer (machine_id)
  where state = 'MANUALLY_RESOLVED' and doubt = 'NO_ANSWER' and heard_at is null;
grant update (heard_at) on aft_transfer to floorwire_app;
