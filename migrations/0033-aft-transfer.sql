-- Money on its way between a wallet and a machine. Every step is written here before the next byte goes to the
-- machine, and what the machine says of it before it hears that it was heard.
create table aft_transfer (
  id uuid primary key,
  venue_id uuid not null references venue,
  machine_id uuid not null references machine,
  wallet_id uuid not null references ledger_account,
  user_id uuid not null references app_user,
  direction text not null,
  -- What was ordered: minor units of the currency, and the same in cents, as machines count.
  amount bigint not null,
  currency text not null,
  cents bigint not null,
  allow_partial boolean not null,
  state text not null,
  -- By which the machine knows it.
  sas_transaction_id text not null,
  -- What of the wallet is on its way to the machine.
  hold_id uuid references wallet_hold,
  -- What moved, once that is known, and by which transaction.
  moved bigint,
  ledger_transaction_id uuid references ledger_transaction,
  -- Why nothing moved: a code of the API, and what the machine called it.
  failure_code text,
  failure_status text,
  -- Why nobody can tell what became of it.
  doubt text,
  -- Who said what became of it, and how he knows.
  resolved_by uuid,
  resolved_by_kind text,
  resolve_reason text,
  requested_by uuid,
  requested_by_kind text,
  requested_at timestamptz not null,
  -- One that was not sent by then never will be.
  expires_at timestamptz not null,
  cancel_requested_at timestamptz,
  sent_at timestamptz,
  changed_at timestamptz not null,
  finished_at timestamptz,
  version int not null default 1,
  constraint aft_transfer_direction check (direction in ('TO_MACHINE', 'FROM_MACHINE')),
  constraint aft_transfer_amount check (amount > 0 and cents between 1 and 9999999999),
  constraint aft_transfer_state check (state in ('CREATED', 'FUNDS_HELD', 'SENT', 'PENDING_ON_MACHINE', 'SETTLED',
    'PARTIALLY_SETTLED', 'REJECTED', 'CANCELLED', 'IN_DOUBT', 'MANUALLY_RESOLVED')),
  constraint aft_transfer_sas_transaction_id_shape check (sas_transaction_id ~ '^[ -~]{1,20}$'),
  constraint aft_transfer_sas_transaction_id unique (machine_id, sas_transaction_id),
  constraint aft_transfer_hold check ((hold_id is not null) = (direction = 'TO_MACHINE')),
  constraint aft_transfer_hold_once unique (hold_id),
  constraint aft_transfer_beginning check (state <> case direction when 'TO_MACHINE' then 'CREATED' else 'FUNDS_HELD' end),
  constraint aft_transfer_sent check (sent_at is not null or state in ('CREATED', 'FUNDS_HELD', 'REJECTED', 'CANCELLED')),
  constraint aft_transfer_unsent check (sent_at is null or state not in ('CREATED', 'FUNDS_HELD')),
  constraint aft_transfer_finished check ((finished_at is not null)
    = (state in ('SETTLED', 'PARTIALLY_SETTLED', 'REJECTED', 'CANCELLED', 'MANUALLY_RESOLVED'))),
  constraint aft_transfer_moved check ((moved is not null) = (state in ('SETTLED', 'PARTIALLY_SETTLED', 'MANUALLY_RESOLVED'))),
  constraint aft_transfer_extent check (moved between 0 and amount and (state <> 'SETTLED' or moved = amount)
    and (state <> 'PARTIALLY_SETTLED' or moved < amount)),
  constraint aft_transfer_posted check ((ledger_transaction_id is not null) = (coalesce(moved, 0) > 0)),
  constraint aft_transfer_failure check (case state when 'REJECTED' then failure_code is not null
    when 'CANCELLED' then true else failure_code is null end and (failure_status is null or failure_code is not null)),
  constraint aft_transfer_doubt check ((doubt is not null) = (state in ('IN_DOUBT', 'MANUALLY_RESOLVED'))),
  constraint aft_transfer_resolution check ((resolve_reason is not null) = (state = 'MANUALLY_RESOLVED')),
  constraint aft_transfer_requester check ((requested_by is null) = (requested_by_kind is null)),
  constraint aft_transfer_resolver check ((resolved_by is null) = (resolved_by_kind is null))
);
-- A machine does one at a time, and none while it is not known what became of the last.
create unique index aft_transfer_one_live on aft_transfer (machine_id)
  where state in ('CREATED', 'FUNDS_HELD', 'SENT', 'PENDING_ON_MACHINE', 'IN_DOUBT');
create index aft_transfer_venue on aft_transfer (venue_id, requested_at desc, id desc);
create index aft_transfer_machine on aft_transfer (machine_id, requested_at desc, id desc);
create index aft_transfer_wallet on aft_transfer (wallet_id, requested_at desc, id desc);
create index aft_transfer_user on aft_transfer (user_id, requested_at desc);

grant select, insert on aft_transfer to floorwire_app;
grant update (state, moved, ledger_transaction_id, failure_code, failure_status, doubt, resolved_by, resolved_by_kind,
  resolve_reason, cancel_requested_at, sent_at, changed_at, finished_at, version) on aft_transfer to floorwire_app;
