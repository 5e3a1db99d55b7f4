-- What a venue has watched by figures that the database itself knows, and what came of it.

-- From when on somebody is told of a figure: once it has been beyond the threshold for `hold_seconds`; and when that is
-- over: once it has not been for `clear_seconds`.
create table alert_rule (
  id uuid primary key,
  venue_id uuid not null references venue,
  name text not null,
  metric text not null,
  -- How full this lot is; null: all that are open together.
  lot_id uuid,
  -- How far back is counted what happens; null for what is as it is.
  window_seconds integer,
  comparison text not null,
  threshold integer not null,
  hold_seconds integer not null,
  clear_seconds integer not null,
  severity text not null,
  is_enabled boolean not null,
  -- The figure when it was looked at last; null: there is none, such as how full a closed lot is.
  value integer,
  measured_at timestamptz,
  -- Since when the figure says otherwise than the alerts of the rule do: beyond the threshold with none open, or not
  -- beyond it with one open.
  turning_since timestamptz,
  -- When it is looked at next; null: it is not in force.
  due_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint alert_rule_lot foreign key (lot_id, venue_id) references parking_lot (id, venue_id),
  constraint alert_rule_name_length check (length(name) between 1 and 100),
  constraint alert_rule_metric check (metric in ('MACHINES_OFFLINE', 'SAS_LINES_DOWN', 'SAS_LINES_SILENT',
    'AFT_TRANSFERS_IN_DOUBT', 'HANDPAYS_WAITING', 'DEVICES_OFFLINE', 'PARKING_OCCUPANCY_PERCENT', 'FAILED_SIGN_INS',
    'LOCK_OUTS')),
  constraint alert_rule_lot_of_parking check (lot_id is null or metric = 'PARKING_OCCUPANCY_PERCENT'),
  constraint alert_rule_window check ((window_seconds is not null) = (metric in ('FAILED_SIGN_INS', 'LOCK_OUTS'))
    and window_seconds between 60 and 86400),
  constraint alert_rule_comparison check (comparison in ('ABOVE', 'BELOW')),
  -- No figure is below 0.
  constraint alert_rule_threshold check (threshold between 0 and 1000000 and (comparison = 'ABOVE' or threshold > 0)),
  constraint alert_rule_times check (hold_seconds between 0 and 86400 and clear_seconds between 0 and 86400),
  constraint alert_rule_severity check (severity in ('INFO', 'WARNING', 'CRITICAL')),
  constraint alert_rule_due check (is_enabled = (due_at is not null))
);
create index alert_rule_venue on alert_rule (venue_id, created_at desc, id desc);
create index alert_rule_due_at on alert_rule (due_at) where due_at is not null;
create index alert_rule_lot_id on alert_rule (lot_id) where lot_id is not null;

-- One time that a rule was broken, as the rule was then.
create table alert (
  id uuid primary key,
  venue_id uuid not null references venue,
  -- Null: the rule was deleted since.
  rule_id uuid references alert_rule on delete set null,
  name text not null,
  metric text not null,
  lot_id uuid,
  window_seconds integer,
  comparison text not null,
  threshold integer not null,
  severity text not null,
  -- The figure when it fired.
  value integer not null,
  fired_at timestamptz not null,
  resolved_at timestamptz,
  resolution text,
  -- The figure then; null: there was none, or nobody looked.
  resolved_value integer,
  acknowledged_at timestamptz,
  acknowledged_by jsonb,
  constraint alert_severity check (severity in ('INFO', 'WARNING', 'CRITICAL')),
  constraint alert_resolved check ((resolved_at is null) = (resolution is null) and resolved_at >= fired_at
    and (resolved_value is null or resolved_at is not null)),
  constraint alert_resolution check (resolution in ('RECOVERED', 'RULE_CHANGED', 'RULE_DISABLED', 'RULE_DELETED')),
  constraint alert_acknowledged check ((acknowledged_at is null) = (acknowledged_by is null)),
  -- No rule goes and leaves an alert that nothing would ever resolve.
  constraint alert_open_has_rule check (rule_id is not null or resolved_at is not null)
);
-- However many processes look at a rule at once.
create unique index alert_one_open on alert (rule_id) where resolved_at is null;
create index alert_list on alert (venue_id, fired_at desc, id desc);
create index alert_of_rule on alert (rule_id, fired_at desc, id desc);
create index alert_open on alert (venue_id, fired_at desc, id desc) where resolved_at is null;
create index alert_age on alert (resolved_at) where resolved_at is not null;
create index alert_by_acknowledger on alert ((acknowledged_by ->> 'id'), acknowledged_at desc)
  where acknowledged_by is not null;

-- Of what is looked at again and again only what counts is read.
create index handpay_waiting on handpay (venue_id) where reset_at is null;
create index aft_transfer_in_doubt on aft_transfer (venue_id) where state = 'IN_DOUBT';
create index audit_entry_of_wrong_sign_ins on audit_entry (venue_id, type, at)
  where type in ('auth.sign-in-failed', 'auth.account-locked-out');

-- People are told of alerts as of anything else.
alter table notification
  drop constraint notification_type,
  add constraint notification_type check (type in ('RESERVATION', 'PARKING_LOT', 'BOOKING', 'WAITLIST', 'WALLET',
    'MACHINE', 'DEVICE', 'LAYOUT', 'ALERT', 'SECURITY', 'SYSTEM'));
alter table notification_preference
  drop constraint notification_preference_type,
  add constraint notification_preference_type check (type in ('RESERVATION', 'PARKING_LOT', 'BOOKING', 'WAITLIST',
    'WALLET', 'MACHINE', 'DEVICE', 'LAYOUT', 'ALERT', 'SECURITY', 'SYSTEM'));

grant select, insert, update, delete on alert_rule, alert to floorwire_app;
