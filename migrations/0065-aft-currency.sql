-- A machine counts in its venue's currency alone, and a cent is a cent to it: from a wallet of another currency so many
-- of those would become as many of its own. What was moved before stays as it is.
create function keep_currency_of_transfers() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.currency <> (select currency from venue where id = new.venue_id) then
    raise exception 'the machines of venue % do not count in %', new.venue_id, new.currency
      using errcode = 'check_violation', constraint = 'aft_transfer_currency';
  end if;
  return new;
end
$$;
create trigger aft_transfer_keeps_currency before insert on aft_transfer
  for each row execute function keep_currency_of_transfers();
