-- What the clock of a machine showed when it was last read, and whether it was set for it.
create table machine_clock (
  machine_id uuid primary key references machine on delete cascade,
  venue_id uuid not null references venue,
  read_at timestamptz not null,
  -- Wall clock without a zone, `2026-03-29T02:30:00`; null when it showed nothing of the calendar.
  shown text,
  drift_seconds bigint,
  is_being_set boolean not null,
  set_at timestamptz,
  constraint machine_clock_shown check ((shown is null) = (drift_seconds is null))
);

-- The games of a machine that offers several, as it last told of them all.
create table machine_game (
  machine_id uuid not null references machine on delete cascade,
  number int not null,
  venue_id uuid not null references venue,
  name text,
  game_id text,
  additional_id text,
  denomination_code int,
  max_bet int,
  progressive_group int,
  paytable_id text,
  base_percent text,
  read_at timestamptz not null,
  constraint machine_game_pkey primary key (machine_id, number),
  constraint machine_game_number check (number between 1 and 9999)
);

-- Which of them may be played, which one the player sees, and what he may wager with (SAS.md 7.1).
alter table machine
  add column enabled_games int[],
  add column selected_game int,
  add column enabled_denominations int[];

-- Signatures of a machine's program memory. Only those made with the same seed can be compared.
create table rom_signature (
  id uuid primary key,
  venue_id uuid not null references venue,
  machine_id uuid not null references machine on delete cascade,
  -- Null when it is not known what the machine was asked with.
  seed int,
  signature int not null,
  -- Against the one before with the same seed; null for the first.
  changed boolean,
  told_at timestamptz not null,
  constraint rom_signature_seed_range check (seed between 0 and 65535),
  constraint rom_signature_range check (signature between 0 and 65535)
);
create index rom_signature_machine on rom_signature (machine_id, told_at desc, id desc);

-- What a machine last said of money under way, when it came online (SAS.md 5.5).
create table machine_recovery (
  machine_id uuid not null references machine on delete cascade,
  kind text not null,
  venue_id uuid not null references venue,
  -- As told, but of numbers that are worth money the last four digits.
  answer jsonb not null,
  told_at timestamptz not null,
  constraint machine_recovery_pkey primary key (machine_id, kind),
  constraint machine_recovery_kind check (kind in ('REDEEM_TICKET', 'READ_VALIDATION_RECORD'))
);

alter table machine_command
  add column game int,
  add column rom_seed int,
  drop constraint machine_command_kind,
  add constraint machine_command_kind check (
    kind in ('LOCK', 'UNLOCK', 'ENABLE_BILL_ACCEPTOR', 'DISABLE_BILL_ACCEPTOR', 'READ_METERS',
      'RESET_HANDPAY', 'SET_CLOCK', 'RESTART', 'ENABLE_GAME', 'DISABLE_GAME', 'VERIFY_ROM')),
  add constraint machine_command_game check (
    (game is not null) = (kind in ('ENABLE_GAME', 'DISABLE_GAME')) and game between 1 and 9999),
  add constraint machine_command_rom_seed check (
    (rom_seed is not null) = (kind = 'VERIFY_ROM') and rom_seed between 0 and 65535);

grant select, insert, update on machine_clock to floorwire_app;
grant select, insert, update, delete on machine_game to floorwire_app;
grant select, insert on rom_signature to floorwire_app;
grant select, insert, update on machine_recovery to floorwire_app;
