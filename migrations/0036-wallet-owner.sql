-- Nobody is left with money whose account is deleted: its wallets are closed before, and a wallet is closed
-- only when it is empty and no machine has money of it. What two do at once about it waits for one another.

-- A wallet of somebody who is gone is closed for good; one that money is on its way to or from is not closed.
create function refuse_status_of_wallet() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  owner_status text;
begin
  if new.status <> 'CLOSED' then
    select status into owner_status from app_user where id = new.user_id for share;
    if owner_status = 'DELETED' then
      raise exception 'the owner of wallet % is gone', new.id
        using errcode = '23514', constraint = 'ledger_account_owner_lives';
    end if;
  elsif exists (select 1 from aft_transfer where wallet_id = new.id and finished_at is null) then
    raise exception 'wallet % has a transfer with a machine under way', new.id
      using errcode = '23514', constraint = 'ledger_account_closed_settled';
  end if;
  return new;
end $$;
create trigger ledger_account_status before insert or update of status on ledger_account
  for each row when (new.kind = 'WALLET') execute function refuse_status_of_wallet();

-- No transfer begins between a machine and a wallet that is closed.
create function refuse_transfer_of_closed_wallet() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  wallet_status text;
begin
  select status into wallet_status from ledger_account where id = new.wallet_id for share;
  if wallet_status = 'CLOSED' then
    raise exception 'wallet % is closed', new.wallet_id
      using errcode = '23514', constraint = 'aft_transfer_wallet_open';
  end if;
  return new;
end $$;
create trigger aft_transfer_wallet_open before insert on aft_transfer
  for each row execute function refuse_transfer_of_closed_wallet();

create function refuse_deletion_with_wallets() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if exists (select 1 from ledger_account where user_id = new.id and status <> 'CLOSED') then
    raise exception 'user % has a wallet that is not closed', new.id
      using errcode = '23514', constraint = 'app_user_deleted_without_wallets';
  end if;
  return new;
end $$;
create trigger app_user_deleted_without_wallets before update of status on app_user
  for each row when (new.status = 'DELETED' and old.status <> 'DELETED')
  execute function refuse_deletion_with_wallets();

revoke execute on function refuse_status_of_wallet(), refuse_transfer_of_closed_wallet(), refuse_deletion_with_wallets() from public;
