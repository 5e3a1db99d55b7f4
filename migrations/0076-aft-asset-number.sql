-- By which number the machine went that was sent a transfer. What another one at its address knows of it says nothing.
alter table aft_transfer
  add column asset_number bigint,
  add constraint aft_transfer_asset_number check (asset_number between 1 and 4294967295
    and (asset_number is null or sent_at is not null));
grant update (asset_number) on aft_transfer to floorwire_app;
