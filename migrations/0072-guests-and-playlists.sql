-- Who has a role at a venue and is at home at another is a guest there. A page of the users of a venue is cut from those
-- who are at home there, in the order of app_user_by_venue, and from its guests, who are few. Nobody's home changes.
alter table user_role add column is_guest boolean not null default false;
update user_role set is_guest = true
from app_user where app_user.id = user_role.user_id and app_user.venue_id <> user_role.venue_id;

create function user_role_of_guest() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  new.is_guest := coalesce(new.venue_id <> (select venue_id from app_user where id = new.user_id), false);
  return new;
end $$;
create trigger user_role_knows_guests before insert on user_role
  for each row execute function user_role_of_guest();
create index user_role_of_guests on user_role (venue_id, user_id) where is_guest;
create index user_role_by_role on user_role (venue_id, role, user_id);

-- How a name begins is looked for among usernames, e-mail addresses and these.
create index app_user_display_name on app_user (lower(display_name) text_pattern_ops);

-- A playlist that was deleted is kept without its items, so that what was published with it can be told from nothing.
alter table playlist
  add column status text not null default 'ACTIVE',
  add constraint playlist_status check (status in ('ACTIVE', 'DELETED'));
drop index playlist_venue;
create index playlist_venue on playlist (venue_id, created_at desc, id desc) where status = 'ACTIVE';
