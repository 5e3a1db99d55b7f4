import { mayAt, type Rights } from '../lib/actor.ts';

/** Who may see the devices of a venue, what they are told and what they say. */
export const canSeeDevices = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'DEVICES_READ' });

/** Who may send devices commands. */
export const canControlDevices = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'DEVICES_CONTROL' });

/** Who may say which devices there are, whose they are and in which groups. */
export const canManageDevices = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN'], scope: 'DEVICES_MANAGE' });

/** Who may see layouts as they are worked on, media, schedules, and what screens show. */
export const canSeeSignage = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'SIGNAGE_READ' });

/** Who may say what screens show. */
export const canEditSignage = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'SIGNAGE_WRITE' });
