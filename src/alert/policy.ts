import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { mayAt, type Rights } from '../lib/actor.ts';

/** Who may see what a venue has watched, and its alerts. */
export const canSeeAlerts = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'ALERTS_READ' });

/** Who may say what is watched, and that he sees to an alert. */
export const canManageAlerts = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'ALERTS_WRITE' });

/** To whom what is named of them is there: who sees it, and who may change it, like a key that can do nothing else. */
export const canReachAlerts = (rights: Rights, venueId: string): boolean =>
  canSeeAlerts(rights, venueId) || canManageAlerts(rights, venueId);

/** Whoever sees alerts is shown the same of them. */
export const sightOfAlerts = (actor: Rights, { venueId }: Pick<LoggedEvent, 'venueId'>): Sight =>
  canSeeAlerts(actor, venueId) ? 'SHARED' : null;
