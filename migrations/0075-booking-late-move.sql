-- Who moves a booking when only a part of its price would be given back is given back no more than that part wherever
-- he moves it then, and what he gave up by moving is not given back by moving on.
alter table booking
  -- In percent, the least of the rules it was moved by; null: it was never moved late.
  add column late_refund_percent integer,
  -- Of what was paid, in minor units: it pays for a dearer slot, and is not given back.
  add column forfeited bigint not null default 0;
update booking set late_refund_percent = resource.late_refund_percent
from resource where resource.id = booking.resource_id and booking.moved_late;
alter table booking
  drop column moved_late,
  add constraint booking_late_refund check (late_refund_percent between 0 and 100),
  add constraint booking_forfeited check (forfeited >= 0 and (forfeited = 0 or late_refund_percent is not null)
    and (status = 'CANCELLED' or forfeited <= paid - refunded));
grant update (late_refund_percent, forfeited) on booking to floorwire_app;
