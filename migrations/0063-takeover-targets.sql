-- A takeover of groups and of tags takes those screens too that come to have them while it goes on. Of those that go on
-- it is not known which they were: they keep the screens that they have.
alter table takeover
  add column group_ids uuid[] not null default '{}',
  add column tags text[] not null default '{}';
