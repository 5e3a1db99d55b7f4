-- What machines told of the money that an attendant pays by hand (poll 1B). A machine gives its handpays no number.
create table handpay (
  id uuid primary key,
  venue_id uuid not null references venue,
  machine_id uuid not null references machine on delete cascade,
  -- Null for a level that nobody has described.
  kind text,
  progressive_group smallint not null,
  level smallint not null,
  -- Null when the machine sent nonsense, here and below.
  cents bigint,
  partial_pay bigint,
  can_go_to_credit_meter boolean not null,
  pending_at timestamptz not null,
  -- Whether it is not on record that its machine was told that it is on record. It tells one at a time, and the next
  -- only once it was told so of this one: whoever drives the line next and hears the same first takes it for this one.
  held boolean not null default true,
  reset_at timestamptz,
  -- When the machine said so (exception 52), and the command that did it; null for an attendant at the machine.
  reset_heard_at timestamptz,
  reset_command_id uuid references machine_command on delete set null,
  constraint handpay_kind check (kind in ('NORMAL_WIN', 'PROGRESSIVE_WIN', 'TOP_AWARD', 'CANCELLED_CREDITS')),
  constraint handpay_group_range check (progressive_group between 0 and 255),
  constraint handpay_level_range check (level between 0 and 255),
  constraint handpay_cents_range check (cents between 0 and 9999999999),
  constraint handpay_partial_pay_range check (partial_pay between 0 and 9999),
  constraint handpay_reset_whole check (reset_at is not null or num_nonnulls(reset_heard_at, reset_command_id) = 0)
);
create index handpay_machine on handpay (machine_id, pending_at desc, id desc);
create unique index handpay_one_held on handpay (machine_id) where held;
create unique index handpay_one_for_command on handpay (reset_command_id) where reset_command_id is not null;

-- What a command says beyond its kind: where a handpay goes.
alter table machine_command
  add column handpay_method text,
  add constraint machine_command_handpay_method check (
    handpay_method is null or (kind = 'RESET_HANDPAY' and handpay_method in ('STANDARD', 'CREDIT_METER')));
create index machine_command_begun on machine_command (machine_id, begun_at desc) where begun_at is not null;

grant select, insert, update on handpay to floorwire_app;
