-- Who moves a booking when only a part of its price would be given back, keeps that rule with it: else he would move it
-- far away, and cancel it there for nothing.
alter table booking add column moved_late boolean not null default false;
grant update (moved_late) on booking to floorwire_app;
