-- Whether the password that somebody else chose is one that anybody hits on: settings may give such a one to
-- the first ADMIN anywhere but in production, and production does not start while it is still good. Null: the
-- account was made before anybody asked.
alter table app_user add column has_guessable_password boolean;
alter table app_user
  alter column has_guessable_password set default false,
  add constraint app_user_guessable_password_is_changed
    check (must_change_password or has_guessable_password is not true);

-- The words in which somebody whose account is gone once said why he cancelled what was his go from the audit
-- record, with the other facts of those entries; that he cancelled, and when, stays. The server can erase nothing
-- else of it.
create function erase_audited_words(gone uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  erased integer;
begin
  update audit_entry set payload = null, salt = null, origin = null
  where venue_id in (select id from venue)
    and actor ->> 'id' = gone::text and payload ->> 'userId' = gone::text and payload ->> 'cancelReason' is not null
    and exists (select from app_user where id = gone and status = 'DELETED');
  get diagnostics erased = row_count;
  return erased;
end
$$;
revoke execute on function erase_audited_words(uuid) from public;
grant execute on function erase_audited_words(uuid) to floorwire_app;
