-- Who waits for a slot that somebody else has; kept when it has ended.
create table waitlist_entry (
  id uuid primary key,
  venue_id uuid not null references venue,
  resource_id uuid not null,
  user_id uuid not null references app_user,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  -- Of two who wait for one slot the lesser is first.
  place bigint not null generated always as identity,
  state text not null default 'WAITING',
  joined_at timestamptz not null,
  joined_by jsonb not null,
  offered_at timestamptz,
  offer_expires_at timestamptz,
  ended_at timestamptz,
  -- What was offered and accepted.
  booking_id uuid references booking,
  constraint waitlist_entry_resource foreign key (resource_id, venue_id) references resource (id, venue_id),
  constraint waitlist_entry_during check (starts_at < ends_at),
  constraint waitlist_entry_state check (state in ('WAITING', 'OFFERED', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'LEFT', 'LAPSED')),
  constraint waitlist_entry_offer check ((offered_at is null) = (offer_expires_at is null)
    and (state not in ('OFFERED', 'ACCEPTED', 'DECLINED', 'EXPIRED') or offered_at is not null)
    and (state not in ('WAITING', 'LAPSED') or offered_at is null)),
  constraint waitlist_entry_end check ((state in ('WAITING', 'OFFERED')) = (ended_at is null)),
  constraint waitlist_entry_accepted check ((state = 'ACCEPTED') = (booking_id is not null)),
  constraint waitlist_entry_claimable unique (id, resource_id, starts_at, ends_at)
);
-- Nobody waits for one slot twice.
create unique index waitlist_entry_once on waitlist_entry (user_id, resource_id, starts_at) where state in ('WAITING', 'OFFERED');
-- Who is next.
create index waitlist_entry_line on waitlist_entry (resource_id, starts_at, place) where state = 'WAITING';
create index waitlist_entry_waiting on waitlist_entry (starts_at) where state = 'WAITING';

-- What is offered to whom.
alter table slot_claim add waitlist_entry_id uuid,
  add constraint slot_claim_offer check ((waitlist_entry_id is not null) = (kind = 'OFFER')),
  add constraint slot_claim_offer_once unique (waitlist_entry_id),
  add constraint slot_claim_of_entry foreign key (waitlist_entry_id, resource_id, starts_at, ends_at)
    references waitlist_entry (id, resource_id, starts_at, ends_at);

grant update (waitlist_entry_id) on slot_claim to floorwire_app;
grant select, insert on waitlist_entry to floorwire_app;
grant update (state, offered_at, offer_expires_at, ended_at, booking_id) on waitlist_entry to floorwire_app;
