-- A machine may have to be locked before a transfer; and a player who presses cash-out may have a machine ask for one.
alter table aft_transfer
  drop constraint aft_transfer_state,
  drop constraint aft_transfer_sent,
  drop constraint aft_transfer_unsent,
  add constraint aft_transfer_state check (state in ('CREATED', 'FUNDS_HELD', 'LOCK_PENDING', 'SENT', 'PENDING_ON_MACHINE',
    'SETTLED', 'PARTIALLY_SETTLED', 'REJECTED', 'CANCELLED', 'IN_DOUBT', 'MANUALLY_RESOLVED')),
  add constraint aft_transfer_sent check (sent_at is not null
    or state in ('CREATED', 'FUNDS_HELD', 'LOCK_PENDING', 'REJECTED', 'CANCELLED')),
  add constraint aft_transfer_unsent check (sent_at is null or state not in ('CREATED', 'FUNDS_HELD', 'LOCK_PENDING')),
  -- Somebody ordered it; or the machine asked to have its credits, or a win, taken by an event of its own.
  add column cause text not null default 'ORDER',
  add column cause_event_id uuid references machine_event,
  add constraint aft_transfer_cause check (cause in ('ORDER', 'CASH_OUT', 'WIN_CASH_OUT')),
  add constraint aft_transfer_cause_event check ((cause_event_id is null) = (cause = 'ORDER')),
  add constraint aft_transfer_cash_out check (cause = 'ORDER' or direction = 'FROM_MACHINE'),
  -- What a machine asked for once is answered once.
  add constraint aft_transfer_cause_event_once unique (cause_event_id);

drop index aft_transfer_one_live;
create unique index aft_transfer_one_live on aft_transfer (machine_id)
  where state in ('CREATED', 'FUNDS_HELD', 'LOCK_PENDING', 'SENT', 'PENDING_ON_MACHINE', 'IN_DOUBT');
-- Which machines have refused a transfer for want of a lock.
create index aft_transfer_not_locked on aft_transfer (machine_id) where failure_status = 'NOT_LOCKED';

-- Whether the machine is to offer the host what a player cashes out.
alter table machine
  add column host_cash_out text not null default 'OFF',
  add constraint machine_host_cash_out check (host_cash_out in ('OFF', 'SOFT', 'HARD'));
