-- What is due of a stay and no wallet pays, for it is nobody's, is empty or gone, somebody of the venue settles once,
-- all of it: he took cash or a card, or the venue does without.
alter table parking_session
  -- In minor units; null: nobody did.
  add column settled bigint,
  add column settled_how text,
  add column settled_at timestamptz,
  add column settled_by jsonb,
  add column settled_note text,
  add constraint parking_session_settled_whole check (num_nonnulls(settled, settled_how, settled_at, settled_by) in (0, 4)
    and (settled is not null or settled_note is null)),
  add constraint parking_session_settled_how check (settled_how in ('CASH', 'CARD', 'WAIVED')),
  -- Nothing is due behind it. What was taken was paid; what was waived was not.
  add constraint parking_session_settled_all check (settled is null or (charge is not null and settled > 0
    and case settled_how when 'WAIVED' then paid + settled = charge else paid = charge and settled <= paid end)),
  add constraint parking_session_waived_why check (settled_how <> 'WAIVED' or settled_note is not null),
  add constraint parking_session_settled_note check (length(settled_note) between 1 and 200);
grant update (settled, settled_how, settled_at, settled_by, settled_note) on parking_session to floorwire_app;

-- Stays that are due are few among all that ever were.
create index parking_session_due on parking_session (venue_id, started_at desc, id desc)
  where paid < charge and settled is null;
