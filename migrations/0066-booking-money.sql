-- What was paid for a booking is given back by cancelling it, which knows what it cost and whether that was done.
-- Reversed beside it, the same money would be paid back twice.
create function keep_money_of_bookings() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  if exists (select 1 from ledger_transaction where id = new.reverses_id
      and kind in ('FEE', 'REFUND') and reference like 'booking:%') then
    raise exception 'transaction % is of a booking', new.reverses_id
      using errcode = 'check_violation', constraint = 'ledger_transaction_of_booking';
  end if;
  return new;
end
$$;
create trigger ledger_transaction_keeps_bookings before insert on ledger_transaction
  for each row when (new.reverses_id is not null) execute function keep_money_of_bookings();
