import type { Work } from '../work.ts';

/** Whether a person has booked a machine for this very moment. */
export async function hasMachineNow(
  { tx, now }: Work,
  {
    venueId,
    machineId,
    userId,
  }: { readonly venueId: string; readonly machineId: string; readonly userId: string },
): Promise<boolean> {
  const booked = await tx
    .selectFrom('slot_claim as claim')
    .innerJoin('resource', 'resource.id', 'claim.resource_id')
    .select('claim.id')
    .where('resource.machine_id', '=', machineId)
    .where('claim.venue_id', '=', venueId)
    .where('claim.user_id', '=', userId)
    .where('claim.kind', '=', 'BOOKING')
    .where('claim.starts_at', '<=', now)
    .where('claim.ends_at', '>', now)
    .limit(1)
    .executeTakeFirst();
  return booked !== undefined;
}
