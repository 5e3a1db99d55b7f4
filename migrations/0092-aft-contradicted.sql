-- When a machine said otherwise of a transfer than is booked: on record once, also where it had agreed before.
alter table aft_transfer
  add column contradicted_at timestamptz,
  add constraint aft_transfer_contradicted check (contradicted_at is null or finished_at is not null);
update aft_transfer set contradicted_at = heard_at
where heard_at is not null and (state <> 'MANUALLY_RESOLVED' or exists (
  select 1 from machine_event
  where machine_event.machine_id = aft_transfer.machine_id and machine_event.type = 'TRANSFER_CONTRADICTED'
    and machine_event.data ->> 'sasTransactionId' = aft_transfer.sas_transaction_id));
grant update (contradicted_at) on aft_transfer to floorwire_app;
