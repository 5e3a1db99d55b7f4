-- The tenant. Every other row belongs to exactly one venue.
create table venue (
  id uuid primary key,
  slug text not null,
  name text not null,
  time_zone text not null,
  currency text not null,
  is_demo boolean not null default false,
  created_at timestamptz not null default now(),
  constraint venue_slug_unique unique (slug),
  constraint venue_slug_shape check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint venue_name_length check (length(name) between 1 and 200),
  constraint venue_currency_shape check (currency ~ '^[A-Z]{3}$')
);

grant usage on schema public to floorwire_app;
grant select, insert, update on venue to floorwire_app;
