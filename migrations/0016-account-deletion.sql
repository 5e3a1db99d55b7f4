-- Whose mail it is, so that what waits for him goes with his account. Null for what was posted before
-- this was kept.
alter table mail_outbox add column user_id uuid references app_user;
create index mail_outbox_by_user on mail_outbox (user_id) where user_id is not null;
