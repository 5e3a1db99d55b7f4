import type { Context } from './context.ts';

/**
 * Whether a credential is shown bookings, their slots and resources that are named to it: one that reads them, and one
 * that makes and changes them for others, which must see what it did. Whose they are is asked besides.
 */
export const isShownBookings = ({ scopes }: Pick<Context, 'scopes'>): boolean =>
  scopes.has('BOOKINGS_READ') || scopes.has('BOOKINGS_MANAGE');
