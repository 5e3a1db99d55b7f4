-- Since when another machine stands at the address than before, by what it says of itself; null while it is the first.
alter table machine add column exchanged_at timestamptz;

-- Which of them was compared. Each begins with where its own meters stand, once.
alter table aft_reconciliation add column exchanged_at timestamptz;
alter table aft_reconciliation drop constraint aft_reconciliation_first;
alter table aft_reconciliation add constraint aft_reconciliation_first check (
  (from_at is null) = (outcome = 'BASELINE') and (number > 1 or outcome = 'BASELINE'));
create unique index aft_reconciliation_baseline on aft_reconciliation (machine_id, exchanged_at) nulls not distinct
  where from_at is null;
