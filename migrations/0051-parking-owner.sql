-- Nobody has a place reserved, or parks, whose account is gone; what he has then, he gives back before. The deletion
-- of an account locks its row, so that one of the two waits for the other.
create function refuse_parking_of_nobody() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  owner_status text;
begin
  select status into owner_status from app_user where id = new.user_id for share;
  if owner_status = 'DELETED' then
    raise exception 'user % is gone', new.user_id using errcode = '23514', constraint = 'parking_owner_lives';
  end if;
  return new;
end $$;
create trigger parking_reservation_owner_lives before insert on parking_reservation
  for each row execute function refuse_parking_of_nobody();
create trigger parking_session_owner_lives before insert on parking_session
  for each row when (new.user_id is not null) execute function refuse_parking_of_nobody();
revoke execute on function refuse_parking_of_nobody() from public;

-- Which car it was is forgotten with the account.
grant update (plate) on parking_reservation, parking_session to floorwire_app;
