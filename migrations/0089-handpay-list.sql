-- The handpays of all machines of a venue, in the order they are listed.
create index handpay_venue on handpay (venue_id, pending_at desc, id desc);
