import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { type Actor, isSignedIn, mayAt, type Rights, type Role } from '../lib/actor.ts';
import { type Channel, CUSTOM_CHANNELS, type CustomChannel, VENUE_CHANNEL } from './channel.ts';
import { channelOfSnapshot } from './channel-events.ts';

/** Who has to do with a custom channel: people by role, devices, and partners whose keys have the scope. */
interface Circle {
  readonly roles: readonly Role[];
  readonly devices: boolean;
  readonly partners: boolean;
}

const ALL: readonly Role[] = ['ADMIN', 'OPERATOR', 'AUDITOR', 'PLAYER'];
const STAFF: readonly Role[] = ['ADMIN', 'OPERATOR'];

/** The same at every venue, so that a name says who listens. */
const CUSTOM: Readonly<Record<CustomChannel, { readonly followers: Circle; readonly senders: Circle }>> = {
  'admin-notifications': {
    followers: { roles: ['ADMIN', 'AUDITOR'], devices: false, partners: false },
    senders: { roles: STAFF, devices: false, partners: true },
  },
  'emergency-alerts': {
    followers: { roles: ALL, devices: true, partners: true },
    senders: { roles: STAFF, devices: false, partners: false },
  },
  'maintenance-updates': {
    followers: { roles: [...STAFF, 'AUDITOR'], devices: true, partners: true },
    senders: { roles: STAFF, devices: false, partners: true },
  },
};

/** Whether the actor may follow this channel of a venue, and read what was said on it. */
export function canFollowChannel(actor: Actor, venueId: string, channel: Channel): boolean {
  if (actor.kind === 'system') return true;
  if (!isSignedIn(actor) || actor.venueId !== venueId) return false;
  switch (channel.kind) {
    case 'VENUE':
      return isIn({ roles: ALL, devices: true, partners: true }, actor, 'CHANNELS_READ');
    case 'USER':
      return isOwn(actor, channel) || canSeeAllMessages(actor, venueId);
    case 'DEVICE':
      return isOwn(actor, channel) || canFollowDeviceChannels(actor, venueId);
    case 'CUSTOM':
      return isIn(CUSTOM[channel.name].followers, actor, 'CHANNELS_READ');
  }
}

/** Whether what is said on it is for every device of the venue: screens may show it to whoever passes. */
export const isForEveryDevice = (channel: Channel): boolean =>
  channel.kind === 'VENUE' || (channel.kind === 'CUSTOM' && CUSTOM[channel.name].followers.devices);

/** Who may hear all that is said at a venue, to each of its people too. */
export const canSeeAllMessages = (rights: Rights, venueId: string): boolean =>
  rights.kind === 'system' || isPersonAt(rights, venueId, ['ADMIN', 'AUDITOR']);

const canFollowDeviceChannels = (actor: Actor, venueId: string): boolean =>
  isPersonAt(actor, venueId, ['ADMIN', 'AUDITOR', 'OPERATOR']);

/** Who may say something to a venue, its people and its devices. */
export const canBroadcast = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: STAFF, scope: 'CHANNELS_BROADCAST' });

/** Whether the actor may say something on this channel, if it exists: a device on its own alone. */
export function canBroadcastOn(actor: Actor, venueId: string, channel: Channel): boolean {
  if (actor.kind === 'device') return actor.venueId === venueId && isOwn(actor, channel);
  if (!canBroadcast(actor, venueId)) return false;
  return channel.kind !== 'CUSTOM' || isIn(CUSTOM[channel.name].senders, actor, 'CHANNELS_BROADCAST');
}

/** What everybody follows who names no channel: the venue's and his own. */
export function implicitChannels(actor: Actor): readonly Channel[] {
  if (actor.kind === 'user') return [VENUE_CHANNEL, { kind: 'USER', userId: actor.userId }];
  if (actor.kind === 'device') return [VENUE_CHANNEL, { kind: 'DEVICE', deviceId: actor.deviceId }];
  return actor.kind === 'partner' ? [VENUE_CHANNEL] : [];
}

/** What the actor may follow besides, by names that everybody knows. */
export const followableCustomChannels = (actor: Actor, venueId: string): readonly Channel[] =>
  CUSTOM_CHANNELS.map((name): Channel => ({ kind: 'CUSTOM', name })).filter((channel) =>
    canFollowChannel(actor, venueId, channel),
  );

type LoggedMessage = LoggedEvent<'channel.message-sent'>;

/** What is said is the same to all who may hear it. */
export function sightOfMessage(actor: Actor, { venueId, payload }: LoggedMessage): Sight {
  const channel = channelOfSnapshot(payload);
  return channel && canFollowChannel(actor, venueId, channel) ? 'SHARED' : null;
}

/** The same for who follows what is implicitly his. */
export function sightOfImplicit(actor: Actor, event: LoggedMessage): Sight {
  const channel = channelOfSnapshot(event.payload);
  const isImplicit = channel !== null && (channel.kind === 'VENUE' || isOwn(actor, channel));
  return isImplicit ? sightOfMessage(actor, event) : null;
}

function isOwn(actor: Actor, channel: Channel): boolean {
  if (channel.kind === 'USER') return actor.kind === 'user' && actor.userId === channel.userId;
  return channel.kind === 'DEVICE' && actor.kind === 'device' && actor.deviceId === channel.deviceId;
}

function isIn(
  { roles, devices, partners }: Circle,
  actor: Actor,
  scope: 'CHANNELS_READ' | 'CHANNELS_BROADCAST',
): boolean {
  switch (actor.kind) {
    case 'user':
      return actor.roles.some((role) => roles.includes(role));
    case 'device':
      return devices;
    case 'partner':
      return partners && actor.scopes.includes(scope);
    default:
      return actor.kind === 'system';
  }
}

const isPersonAt = (rights: Rights, venueId: string, roles: readonly Role[]): boolean =>
  rights.kind === 'user' && rights.venueId === venueId && rights.roles.some((role) => roles.includes(role));
