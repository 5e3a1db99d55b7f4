-- What an account knows of itself besides its names. `email_verified_at` is when its owner showed
-- that he reads its mail. `must_change_password` marks a password that somebody else chose, which
-- is good for choosing another and for nothing else. `version` counts the changes of a profile.
alter table app_user
  add column email_verified_at timestamptz,
  add column must_change_password boolean not null default false,
  add column password_changed_at timestamptz,
  add column version integer not null default 1,
  add constraint app_user_version_grows check (version > 0);

-- Roles are given and taken, and a venue is renamed; nobody takes a user or a venue away.
grant delete on user_role to floorwire_app;
alter table venue
  add column version integer not null default 1,
  add constraint venue_version_grows check (version > 0);
