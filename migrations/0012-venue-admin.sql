-- A venue that has an ADMIN keeps one who can sign in: whatever takes the last one's role or his
-- account away is refused here. Changes of different people meet at the row of their venue, so that
-- of two who take each other's place away the second sees what the first did.
create function refuse_venue_without_admin(of_venue uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  perform 1 from venue where id = of_venue for no key update;
  if not exists (
    select 1 from user_role join app_user on app_user.id = user_role.user_id
    where user_role.venue_id = of_venue and user_role.role = 'ADMIN' and app_user.status = 'ACTIVE'
  ) then
    raise exception 'venue % would have no ADMIN', of_venue
      using errcode = 'check_violation', constraint = 'venue_keeps_an_admin';
  end if;
end
$$;

create function keep_an_admin_with_role() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  -- Whoever cannot sign in is no loss.
  if exists (select 1 from app_user where id = old.user_id and status = 'ACTIVE') then
    perform refuse_venue_without_admin(old.venue_id);
  end if;
  return null;
end
$$;

create function keep_an_admin_with_account() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  at_venue uuid;
begin
  for at_venue in
    select venue_id from user_role where user_id = old.id and role = 'ADMIN' order by venue_id
  loop
    perform refuse_venue_without_admin(at_venue);
  end loop;
  return null;
end
$$;

create trigger user_role_keeps_an_admin after update or delete on user_role
  for each row when (old.role = 'ADMIN') execute function keep_an_admin_with_role();
create trigger app_user_keeps_an_admin after update of status on app_user
  for each row when (old.status = 'ACTIVE' and new.status <> 'ACTIVE')
  execute function keep_an_admin_with_account();

-- The people of a venue, the newest first, and those at home elsewhere who have a role there.
create index app_user_by_venue on app_user (venue_id, created_at desc, id desc);
create index user_role_by_venue on user_role (venue_id, user_id);

-- What the machines of a venue have counted is in its currency.
create function keep_currency_of_machines() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  if exists (select 1 from machine where venue_id = old.id) then
    raise exception 'the machines of venue % count in its currency', old.id
      using errcode = 'check_violation', constraint = 'venue_currency_in_use';
  end if;
  return null;
end
$$;
create trigger venue_keeps_its_currency after update of currency on venue
  for each row when (old.currency <> new.currency) execute function keep_currency_of_machines();
