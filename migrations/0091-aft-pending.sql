-- When a machine first said that it had a transfer pending. One that has no record of it any more, after it was not heard
-- of for a while, has lost it all the same. Of what is in doubt by now nobody knows.
alter table aft_transfer
  add column pending_at timestamptz,
  add constraint aft_transfer_pending check (pending_at is null or sent_at is not null);
update aft_transfer set pending_at = changed_at where state = 'PENDING_ON_MACHINE';
grant update (pending_at) on aft_transfer to floorwire_app;
