/** What statements that read a day have in common. `$1` is the day, `$2` the resource, `$3` the venue. */

export const RESOURCE_OF_DAY = `resource join venue on venue.id = resource.venue_id`;

export const IS_RESOURCE_OF_DAY = `resource.id = $2 and resource.venue_id = $3`;

/** Of `slot_claim c`: whether it is of the resource and takes time of the day, or shortly before. */
export const IS_CLAIM_OF_DAY = `
  c.resource_id = resource.id and (c.expires_at is null or c.expires_at > now())
    and tstzrange(c.starts_at, c.ends_at) && tstzrange(
      -- Of a midnight that comes twice it takes the second.
      $1::date::timestamp at time zone venue.time_zone - interval '2 hours',
      ($1::date + 1)::timestamp at time zone venue.time_zone)`;

/** An instant as JSON has it: a number is read sooner than a date. */
export const msOf = (column: string): string => `round(date_part('epoch', ${column}) * 1000)`;

/** Of which bookings is read who booked: of all, or of one person's. */
export interface OwnersRead {
  readonly all: boolean;
  readonly userId: string | null;
}

/** Of `app_user u`: whether it is of those, `$4` and `$5`, and somebody whom the venue sees. */
export const IS_OWNER_READ = `
  ($4::boolean or u.id = $5::uuid)
    and (u.venue_id = $3 or exists (select from user_role where user_role.user_id = u.id and user_role.venue_id = $3))`;
