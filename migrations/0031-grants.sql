-- What somebody may at a venue besides what his roles there allow. A grant stands beside the role
-- that it is for, and goes with it, whoever takes that away.
create table user_grant (
  user_id uuid not null,
  venue_id uuid not null,
  role text not null,
  scope text not null,
  constraint user_grant_pk primary key (user_id, venue_id, scope),
  constraint user_grant_beside_role foreign key (user_id, venue_id, role)
    references user_role (user_id, venue_id, role) on delete cascade,
  constraint user_grant_known check ((role, scope) in (('OPERATOR', 'WALLETS_POST')))
);

grant select, insert, delete on user_grant to floorwire_app;
