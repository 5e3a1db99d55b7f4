import { canManageParking, canSeeLots } from '../parking/policy.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';

/**
 * Whether a credential is shown reservations and stays that are named to it: one that reads them, and one that makes
 * and changes them for others, which must see what it did. Whose they are is asked besides.
 */
export const isShownParking = ({ scopes }: Pick<Context, 'scopes'>): boolean =>
  scopes.has('PARKING_READ') || scopes.has('PARKING_MANAGE');

/** The same of lots and their spaces, which are shown to all who may see any. */
export const isShownLots = (context: Context): boolean => {
  const venueId = venueIdOf(context);
  const { rights } = context;
  return isShownParking(context) && (canSeeLots(rights, venueId) || canManageParking(rights, venueId));
};
