-- A machine may say otherwise also of a transfer that ended by what it had said itself: that is on record once.
alter table aft_transfer drop constraint aft_transfer_heard;
alter table aft_transfer add constraint aft_transfer_heard check (heard_at is null or finished_at is not null);
