-- Hours that cannot be sold twice: what can be booked, what claims its time, and who booked it.

-- `resource_id with =` in a constraint beside a range.
create extension if not exists btree_gist;

create table resource (
  id uuid primary key,
  venue_id uuid not null references venue,
  kind text not null,
  name text not null,
  description text,
  -- The machine it is, when it is one.
  machine_id uuid references machine,
  slot_minutes integer not null,
  -- How many can have one slot.
  capacity integer not null default 1,
  -- Of one slot, in minor units of the currency.
  price bigint not null default 0,
  currency text not null,
  -- [{weekday: 1 (Monday) to 7, opensAt, closesAt}], minutes of the local day.
  opening_hours jsonb not null,
  -- How far ahead it can be booked.
  bookable_days integer not null,
  -- Until so long before its beginning a booking is refunded whole, and afterwards this much of it.
  free_cancellation_minutes integer not null,
  late_refund_percent integer not null,
  -- So long after its beginning nobody comes any more; null: nobody looks.
  no_show_minutes integer,
  status text not null default 'ACTIVE',
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint resource_kind check (kind in ('MACHINE', 'TABLE', 'ROOM', 'BENCH', 'OTHER')),
  constraint resource_machine check (machine_id is null or kind = 'MACHINE'),
  constraint resource_machine_once unique (machine_id),
  constraint resource_name_unique unique (venue_id, name),
  constraint resource_name_length check (length(name) between 1 and 100),
  constraint resource_slot_minutes check (slot_minutes between 5 and 1440),
  constraint resource_capacity check (capacity between 1 and 1000),
  constraint resource_price check (price between 0 and 999999999999),
  constraint resource_currency_shape check (currency ~ '^[A-Z]{3}$'),
  constraint resource_bookable_days check (bookable_days between 1 and 1096),
  constraint resource_refund check (free_cancellation_minutes between 0 and 527040 and late_refund_percent between 0 and 100),
  constraint resource_no_show check (no_show_minutes between 1 and 1440),
  constraint resource_status check (status in ('ACTIVE', 'CLOSED')),
  constraint resource_with_venue unique (id, venue_id)
);
create index resource_venue on resource (venue_id, created_at desc, id desc);

create table booking (
  id uuid primary key,
  venue_id uuid not null references venue,
  resource_id uuid not null,
  user_id uuid not null references app_user,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status text not null default 'BOOKED',
  -- What was paid and given back of it, in minor units.
  paid bigint not null default 0,
  refunded bigint not null default 0,
  currency text not null,
  -- Who has not come by then does not come; null: nobody looks.
  no_show_at timestamptz,
  booked_at timestamptz not null,
  booked_by jsonb not null,
  cancelled_at timestamptz,
  cancelled_by jsonb,
  cancel_reason text,
  checked_in_at timestamptz,
  changed_at timestamptz not null,
  version integer not null default 1,
  constraint booking_resource foreign key (resource_id, venue_id) references resource (id, venue_id),
  constraint booking_during check (starts_at < ends_at),
  constraint booking_status check (status in ('BOOKED', 'CHECKED_IN', 'NO_SHOW', 'CANCELLED')),
  constraint booking_money check (refunded between 0 and paid),
  constraint booking_cancelled check ((status = 'CANCELLED') = (cancelled_at is not null)
    and (cancelled_at is null) = (cancelled_by is null)),
  constraint booking_checked_in check (status <> 'CHECKED_IN' or checked_in_at is not null),
  constraint booking_claimable unique (id, resource_id, starts_at, ends_at)
);
create index booking_user on booking (user_id, starts_at desc, id desc);
create index booking_venue on booking (venue_id, starts_at desc, id desc);
create index booking_resource_time on booking (resource_id, starts_at desc, id desc);
-- Who has not come yet.
create index booking_expected on booking (no_show_at) where status = 'BOOKED';

-- A claim on a slot that ends by itself, kept when it has ended.
create table slot_hold (
  id uuid primary key,
  venue_id uuid not null references venue,
  resource_id uuid not null,
  user_id uuid not null references app_user,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  state text not null default 'PLACED',
  placed_at timestamptz not null,
  placed_by jsonb not null,
  expires_at timestamptz not null,
  -- What it will cost, whatever the resource costs then; in minor units.
  price bigint not null,
  currency text not null,
  ended_at timestamptz,
  -- What it became.
  booking_id uuid references booking,
  -- The money that is set aside for it.
  wallet_hold_id uuid references wallet_hold,
  constraint slot_hold_resource foreign key (resource_id, venue_id) references resource (id, venue_id),
  constraint slot_hold_during check (starts_at < ends_at),
  constraint slot_hold_expiry check (expires_at > placed_at),
  constraint slot_hold_state check (state in ('PLACED', 'BOOKED', 'RELEASED', 'EXPIRED')),
  constraint slot_hold_end check ((state = 'PLACED') = (ended_at is null)),
  constraint slot_hold_booked check ((state = 'BOOKED') = (booking_id is not null)),
  constraint slot_hold_claimable unique (id, resource_id, starts_at, ends_at)
);
create index slot_hold_user on slot_hold (user_id, placed_at desc, id desc);

-- Whatever claims time of a resource is a row here: booking, hold, waitlist offer, block. One table, so that one
-- constraint sees them all (RULES 12).
create table slot_claim (
  id uuid primary key,
  venue_id uuid not null references venue,
  resource_id uuid not null,
  -- One of as many as the resource takes, counted from 0; a block takes them all.
  first_seat integer not null,
  last_seat integer not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  kind text not null,
  user_id uuid references app_user,
  booking_id uuid,
  hold_id uuid,
  -- From then on it claims nothing, and whoever wants its time deletes it.
  expires_at timestamptz,
  -- Of a block.
  reason text,
  created_at timestamptz not null,
  created_by jsonb not null,
  constraint slot_claim_no_overlap exclude using gist (
    resource_id with =, tstzrange(starts_at, ends_at) with &&, int4range(first_seat, last_seat, '[]') with &&),
  constraint slot_claim_resource foreign key (resource_id, venue_id) references resource (id, venue_id),
  constraint slot_claim_kind check (kind in ('BOOKING', 'HOLD', 'OFFER', 'BLOCK')),
  constraint slot_claim_during check (starts_at < ends_at),
  constraint slot_claim_seats check (first_seat >= 0 and case kind when 'BLOCK' then first_seat = 0 and last_seat = 999 else last_seat = first_seat end),
  constraint slot_claim_expiry check ((expires_at is not null) = (kind in ('HOLD', 'OFFER'))),
  constraint slot_claim_booking check ((booking_id is not null) = (kind = 'BOOKING')),
  constraint slot_claim_user check ((user_id is not null) = (kind <> 'BLOCK')),
  constraint slot_claim_hold check ((hold_id is not null) = (kind = 'HOLD')),
  constraint slot_claim_booking_once unique (booking_id),
  -- It claims what was booked.
  constraint slot_claim_of_booking foreign key (booking_id, resource_id, starts_at, ends_at)
    references booking (id, resource_id, starts_at, ends_at),
  constraint slot_claim_hold_once unique (hold_id),
  constraint slot_claim_of_hold foreign key (hold_id, resource_id, starts_at, ends_at)
    references slot_hold (id, resource_id, starts_at, ends_at)
);
create index slot_claim_user on slot_claim (user_id, expires_at) where kind in ('HOLD', 'OFFER');
create index slot_claim_expiring on slot_claim (expires_at) where expires_at is not null;

-- At commit a booking has its claim exactly while it counts.
create function refuse_unclaimed_booking() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  checked uuid;
begin
  if tg_table_name = 'booking' then checked := new.id; else checked := old.booking_id; end if;
  if exists (
    select 1 from booking where id = checked
      and (status <> 'CANCELLED') is distinct from exists (select 1 from slot_claim where booking_id = checked)
  ) then
    raise exception 'booking % and its claim on time do not agree', checked using errcode = '23514', constraint = 'booking_claimed';
  end if;
  return null;
end $$;
create constraint trigger booking_claimed after insert or update of status on booking deferrable initially deferred
  for each row execute function refuse_unclaimed_booking();
create constraint trigger slot_claim_of_live_booking after delete or update of booking_id on slot_claim deferrable initially deferred
  for each row when (old.booking_id is not null) execute function refuse_unclaimed_booking();

-- What a booking costs is a FEE; what is given back of it is told apart from a reversal, which is of all.
alter table ledger_transaction drop constraint ledger_transaction_kind;
alter table ledger_transaction add constraint ledger_transaction_kind check (kind in ('DEPOSIT', 'WITHDRAWAL', 'BET', 'WIN',
  'BONUS', 'FEE', 'REFUND', 'ADJUSTMENT', 'TRANSFER', 'REVERSAL', 'AFT_TO_MACHINE', 'AFT_FROM_MACHINE'));
-- Money set aside for a booking is taken with it, or freed.
alter table wallet_hold drop constraint wallet_hold_purpose;
alter table wallet_hold add constraint wallet_hold_purpose check (purpose in ('CALLER', 'AFT', 'BOOKING'));

grant select, insert on resource, booking, slot_hold to floorwire_app;
grant update (name, description, machine_id, slot_minutes, capacity, price, opening_hours, bookable_days,
  free_cancellation_minutes, late_refund_percent, no_show_minutes, status, version, updated_at) on resource to floorwire_app;
grant update (resource_id, starts_at, ends_at, no_show_at, status, paid, refunded, cancelled_at, cancelled_by, cancel_reason, checked_in_at,
  changed_at, version) on booking to floorwire_app;
grant select, insert, delete on slot_claim to floorwire_app;
grant update (kind, booking_id, hold_id, user_id, expires_at) on slot_claim to floorwire_app;
grant update (state, ended_at, booking_id, wallet_hold_id) on slot_hold to floorwire_app;
