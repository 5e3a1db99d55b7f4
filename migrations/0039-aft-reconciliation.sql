-- What a machine has counted of transfers, held against the books: one row for each comparison, in order. Each begins
-- where the one before ended, so a difference is found once.
create table aft_reconciliation (
  id uuid primary key,
  venue_id uuid not null references venue,
  machine_id uuid not null references machine,
  -- 1, 2, 3 … of the machine.
  number int not null,
  reason text not null,
  outcome text not null,
  -- When the one before ended; null for the first, which only says where the meters stand.
  from_at timestamptz,
  to_at timestamptz not null,
  -- By meter, in cents: how it stood, how it stands, what it counted, and what the books say.
  meters jsonb not null,
  constraint aft_reconciliation_number unique (machine_id, number),
  constraint aft_reconciliation_counted check (number > 0),
  constraint aft_reconciliation_reason check (reason in ('START', 'TRANSFER', 'HOUR')),
  constraint aft_reconciliation_outcome check (outcome in ('BASELINE', 'EQUAL', 'DIFFERENT', 'RESET')),
  constraint aft_reconciliation_first check ((number = 1) = (from_at is null) and (number = 1) = (outcome = 'BASELINE')),
  constraint aft_reconciliation_meters check (jsonb_typeof(meters) = 'array')
);
create index aft_reconciliation_machine on aft_reconciliation (machine_id, to_at desc, id desc);

-- In which comparison a transfer is part of the books. Each is in one.
alter table aft_transfer add column reconciliation_id uuid references aft_reconciliation;
alter table aft_transfer add constraint aft_transfer_reconciled check (reconciliation_id is null
  or (sent_at is not null and finished_at is not null));
create index aft_transfer_unreconciled on aft_transfer (machine_id) where reconciliation_id is null and sent_at is not null;
create index aft_transfer_reconciliation on aft_transfer (reconciliation_id) where reconciliation_id is not null;

grant select, insert on aft_reconciliation to floorwire_app;
grant update (reconciliation_id) on aft_transfer to floorwire_app;
