-- Since when a machine that had a transfer pending does not say any more how it stands, though it is asked.
alter table aft_transfer
  add column unanswered_since timestamptz,
  add constraint aft_transfer_unanswered check (unanswered_since is null or state = 'PENDING_ON_MACHINE');
grant update (unanswered_since) on aft_transfer to floorwire_app;
