-- Further things a machine can be told. Paying off a handpay must not be done twice: the next would be paid off
-- with it. So it is on record before it is said.
alter table machine_command
  add column begun_at timestamptz,
  drop constraint machine_command_kind,
  add constraint machine_command_kind check (
    kind in ('LOCK', 'UNLOCK', 'ENABLE_BILL_ACCEPTOR', 'DISABLE_BILL_ACCEPTOR', 'READ_METERS',
      'RESET_HANDPAY', 'SET_CLOCK', 'RESTART'));
