import { canSeeAlerts } from '../alert/policy.ts';
import { canReadAudit } from '../auth/policy.ts';
import { PARTNER_SCOPES, scopesOfActor } from '../auth/scopes.ts';
import { canSeeBookings } from '../booking/policy.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import type { Actor, Rights, Scope } from '../lib/actor.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { canSeeAllMessages } from '../notification/channel-policy.ts';
import { canSeeLots, canSeeParking } from '../parking/policy.ts';
import { canSeeConnections } from '../realtime/policy.ts';
import { canSeeDevices, canSeeSignage } from '../signage/policy.ts';
import { canSeeWallets } from '../wallet/policy.ts';
import {
  ALERT,
  AUTH,
  BOOKING,
  CHANNEL,
  DEVICE,
  EXPORT,
  LOT,
  MACHINE,
  NOTIFICATION,
  OCCUPANCY,
  PARKING,
  REALTIME,
  SIGNAGE,
  WALLET,
} from './event-keys.ts';

/** What can be followed as events of one type, and by whom. */
export interface Followable {
  /** Of the fields that show the same to a person. */
  readonly scope: Scope;
  /** What an API key needs to list the type. */
  readonly keyScope: Scope;
  /** The policy of those fields. */
  readonly canSee: (rights: Rights, venueId: string) => boolean;
  /** The keys of the payload. */
  readonly payload: readonly string[];
  /**
   * Whether the person it is about, `userId`, can follow it too, and which keys of it he is not shown.
   * Null where nobody can but who sees it all.
   */
  readonly owners: { readonly without: readonly string[] } | null;
}

/** What of a type somebody can follow: all of the venue's, or what is about himself. */
export type Reach = 'ALL' | 'OWN' | null;

const followable = (
  payloads: object,
  {
    scope,
    keyScope = scope,
    owners = () => null,
    canSee,
  }: Pick<Followable, 'scope' | 'canSee'> & {
    keyScope?: Scope;
    owners?: (type: string) => Followable['owners'];
  },
): [EventType, Followable][] =>
  Object.entries(payloads).map(([type, payload]) => [
    type as EventType,
    { scope, keyScope, canSee, payload, owners: owners(type) },
  ]);

/** A player is told that his wallet was frozen, and not what the house has against him. */
const ownersOfWallets = (type: string): Followable['owners'] => ({
  without: type === 'wallet.status-changed' ? ['reason'] : [],
});

/** What the desk notes of him is the desk's. */
const ownersOfParking = (type: string): Followable['owners'] => ({
  without: type === 'parking.session-settled' ? ['settledNote'] : [],
});

/** Every type of event that can be followed with `events`, by name. */
export const FOLLOWABLE_EVENTS: ReadonlyMap<EventType, Followable> = new Map([
  ...followable(MACHINE, { scope: 'MACHINES_READ', canSee: canSeeMachines }),
  // It tells what somebody has.
  ...followable(
    {
      'machine.aft-transfer-changed': MACHINE['machine.aft-transfer-changed'],
      'machine.aft-transfer-contradicted': MACHINE['machine.aft-transfer-contradicted'],
    },
    { scope: 'WALLETS_READ', canSee: canSeeWallets },
  ),
  ...followable(WALLET, { scope: 'WALLETS_READ', canSee: canSeeWallets, owners: ownersOfWallets }),
  ...followable(BOOKING, {
    scope: 'BOOKINGS_READ',
    keyScope: 'BOOKINGS_MANAGE',
    canSee: canSeeBookings,
    owners: () => ({ without: [] }),
  }),
  ...followable(PARKING, {
    scope: 'PARKING_READ',
    keyScope: 'PARKING_MANAGE',
    canSee: canSeeParking,
    owners: ownersOfParking,
  }),
  // It tells nothing of anybody.
  ...followable(
    {
      'parking.lot-created': LOT,
      'parking.lot-updated': LOT,
      'parking.rate-changed': PARKING['parking.rate-changed'],
      'parking.occupancy-changed': OCCUPANCY,
      'parking.lot-filled': OCCUPANCY,
    },
    { scope: 'PARKING_READ', canSee: canSeeLots },
  ),
  ...followable(SIGNAGE, { scope: 'SIGNAGE_READ', canSee: canSeeSignage }),
  ...followable(DEVICE, { scope: 'DEVICES_READ', canSee: canSeeDevices }),
  // Of what is said to others only who may follow every channel hears; a key follows the channels themselves.
  ...followable(CHANNEL, {
    scope: 'CHANNELS_READ',
    keyScope: 'AUDIT_READ',
    canSee: canSeeAllMessages,
    owners: () => ({ without: [] }),
  }),
  ...followable(AUTH, { scope: 'AUDIT_READ', canSee: canReadAudit }),
  // What somebody is told is his alone, and what it says only `notifications` shows: it knows what he may see now.
  ...followable(NOTIFICATION, {
    scope: 'PROFILE',
    canSee: () => false,
    owners: () => ({ without: ['message', 'data', 'sentData', 'roles'] }),
  }),
  ...followable(
    { 'notification.sent': NOTIFICATION['notification.sent'] },
    { scope: 'AUDIT_READ', canSee: canReadAudit },
  ),
  ...followable(ALERT, { scope: 'ALERTS_READ', canSee: canSeeAlerts }),
  // Each list has its own readers, whom `bulkExports` tells apart; who reads the record sees every one of them.
  ...followable(EXPORT, { scope: 'AUDIT_READ', canSee: canReadAudit }),
  ...followable(REALTIME, { scope: 'REALTIME_READ', canSee: canSeeConnections }),
]);

/** Those that an API key can list, and the scope it needs for each. */
export const PARTNER_EVENTS: ReadonlyMap<EventType, Scope> = new Map(
  [...FOLLOWABLE_EVENTS]
    .filter(([, { keyScope }]) => PARTNER_SCOPES.includes(keyScope))
    .map(([type, { keyScope }]) => [type, keyScope]),
);

/** What of this type the actor can follow at this venue; a partner only what its key lists. */
export function reachOf(actor: Actor, venueId: string, type: EventType): Reach {
  const followable = FOLLOWABLE_EVENTS.get(type);
  if (!followable) return null;
  if (actor.kind === 'partner' && !actor.eventTypes.includes(type)) return null;
  if (followable.canSee(actor, venueId)) return 'ALL';
  const isOwner = followable.owners !== null && actor.kind === 'user' && actor.venueId === venueId;
  return isOwner && scopesOfActor(actor).has(followable.scope) ? 'OWN' : null;
}

/** What the actor is shown of an event: whoever may follow its type is shown the same, its owner what is about him. */
export function sightOfEvent(actor: Actor, event: LoggedEvent): Sight {
  const reach = reachOf(actor, event.venueId, event.type);
  if (reach === 'ALL') return 'SHARED';
  return reach === 'OWN' && actor.kind === 'user' && ownerOf(event) === actor.userId ? 'OWN' : null;
}

/** Whom an event is about; '' for nobody. */
export const ownerOf = ({ payload }: LoggedEvent): string =>
  'userId' in payload && typeof payload.userId === 'string' ? payload.userId : '';

/** The facts of an event for somebody with these rights: its owner is not shown all of them. */
export function factsFor(rights: Rights, { venueId, type, payload }: LoggedEvent): object {
  const { owners, canSee } = FOLLOWABLE_EVENTS.get(type) ?? {};
  if (!owners || !canSee || canSee(rights, venueId)) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([key]) => !owners.without.includes(key)));
}
