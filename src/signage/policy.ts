import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { mayAt, type Rights } from '../lib/actor.ts';
import type { UploadPurpose } from './stored-file.ts';

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

/** To whom what is named of signage is there: who sees it, and who may change it, like a key that can do nothing else. */
export const canReachSignage = (rights: Rights, venueId: string): boolean =>
  canSeeSignage(rights, venueId) || canEditSignage(rights, venueId);

/** Who may upload media, to be shown; and firmware, for devices to run. */
export const canStageUpload = (
  rights: Rights,
  { venueId, purpose }: { readonly venueId: string; readonly purpose: UploadPurpose },
): boolean => (purpose === 'MEDIA' ? canEditSignage(rights, venueId) : canWriteFirmware(rights, venueId));

/** Who may give devices another firmware. */
export const canWriteFirmware = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN'], scope: 'FIRMWARE_WRITE' });

/** Who may see media and playlists: whoever sees what screens show, and the screens. */
export const canSeeMedia = (rights: Rights, venueId: string): boolean =>
  canSeeSignage(rights, venueId) || (rights.kind === 'device' && rights.venueId === venueId);

/** Whoever sees signage is shown the same of what happens to it. */
export const sightOfSignage = (actor: Rights, { venueId }: Pick<LoggedEvent, 'venueId'>): Sight =>
  canSeeSignage(actor, venueId) ? 'SHARED' : null;

/** Who may see what a device shall show: whoever sees signage, and the device itself. */
export const canSeeShown = (
  rights: Rights,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
): boolean => canSeeSignage(rights, venueId) || isDevice(rights, { venueId, deviceId });

/** Whether it is this device. */
export const isDevice = (
  rights: Rights,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
): boolean =>
  rights.kind === 'device' &&
  rights.venueId === venueId &&
  'deviceId' in rights &&
  rights.deviceId === deviceId;
