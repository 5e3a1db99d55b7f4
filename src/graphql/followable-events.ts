import { canReadAudit } from '../auth/policy.ts';
import { PARTNER_SCOPES, scopesOfActor } from '../auth/scopes.ts';
import { canSeeBookings } from '../booking/policy.ts';
import type { EventMap, EventType, LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import type { Actor, Rights, Scope } from '../lib/actor.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { canSeeAllMessages } from '../notification/channel-policy.ts';
import { canSeeLots, canSeeParking } from '../parking/policy.ts';
import { canSeeConnections } from '../realtime/policy.ts';
import { canSeeWallets } from '../wallet/policy.ts';

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

/** Each type of one domain with the keys of its payload: a new type is told here, or this does not compile. */
type Payloads<Domain extends string> = {
  readonly [T in Extract<EventType, `${Domain}.${string}`>]: readonly KeysOf<EventMap[T]>[];
};

type KeysOf<Payload> = Payload extends unknown ? keyof Payload & string : never;

const MACHINE: Payloads<'machine'> = {
  'machine.event-raised': ['event', 'machineVersion', 'billAcceptorEnabled'],
  'machine.event-acknowledged': ['eventId', 'machineId', 'note'],
  'machine.jackpot-changed': [
    'jackpotId',
    'name',
    'group',
    'level',
    'cents',
    'resetCents',
    'version',
    'changedAt',
  ],
  'machine.jackpot-won': ['jackpotId', 'machineId', 'cents'],
  'machine.handpay-recorded': [
    'handpayId',
    'machineId',
    'kind',
    'progressiveGroup',
    'level',
    'cents',
    'partialPay',
    'canGoToCreditMeter',
    'pendingAt',
  ],
  'machine.recovery-recorded': ['machineId', 'kind', 'answer', 'at'],
  'machine.handpay-reset': ['handpayId', 'machineId', 'resetAt', 'method', 'commandId'],
  'machine.aft-transfer-changed': ['transfer'],
  'machine.aft-transfer-contradicted': ['transferId', 'machineId', 'currency', 'saidMinor', 'bookedMinor'],
  'machine.aft-discrepancy-found': ['machineId', 'from', 'to', 'differences'],
  'machine.command-queued': ['command'],
  'machine.command-finished': ['command'],
  'machine.discovery-requested': ['lineId', 'fromAddress', 'toAddress'],
  'machine.discovery-started': ['lineId', 'fromAddress', 'toAddress'],
  'machine.discovery-progressed': ['lineId', 'asked', 'total'],
  'machine.discovery-finished': ['lineId', 'fromAddress', 'toAddress', 'found', 'missed'],
  'machine.address-discovered': [
    'lineId',
    'address',
    'by',
    'sasVersion',
    'serialNumber',
    'gameId',
    'additionalId',
    'denominationCode',
    'paytableId',
  ],
  'machine.line-configured': ['lineId'],
  'machine.line-taken': ['lineId', 'driver', 'epoch'],
  'machine.line-released': ['lineId', 'driver', 'epoch'],
  'machine.driver-lost': ['lineId', 'driver', 'epoch'],
  'machine.registered': ['machineId', 'lineId', 'address'],
  'machine.removed': ['machineId', 'lineId'],
};

const WALLET: Payloads<'wallet'> = {
  'wallet.opened': ['walletId', 'userId', 'currency'],
  'wallet.status-changed': ['walletId', 'userId', 'status', 'reason', 'version'],
  'wallet.balance-changed': [
    'walletId',
    'userId',
    'currency',
    'postedMinor',
    'heldMinor',
    'version',
    'cause',
    'transactionId',
    'holdId',
    'amountMinor',
  ],
};

const BOOKING_SNAPSHOT = [
  'bookingId',
  'resourceId',
  'userId',
  'seriesId',
  'startsAt',
  'endsAt',
  'status',
  'paidMinor',
  'refundedMinor',
  'currency',
  'noShowAt',
  'bookedAt',
  'cancelledAt',
  'cancelReason',
  'checkedInAt',
  'changedAt',
  'version',
] as const;
const SLOT_HOLD = ['slotHoldId', 'resourceId', 'userId', 'startsAt', 'endsAt', 'expiresAt'] as const;
const SLOT_BLOCK = ['blockId', 'resourceId', 'startsAt', 'endsAt'] as const;
const SERIES = ['seriesId', 'resourceId', 'userId'] as const;
const WAITLIST_ENTRY = [
  'waitlistEntryId',
  'resourceId',
  'userId',
  'startsAt',
  'endsAt',
  'state',
  'joinedAt',
  'offeredAt',
  'expiresAt',
  'endedAt',
  'bookingId',
] as const;
const RESOURCE = ['resourceId', 'name', 'version'] as const;

const BOOKING: Payloads<'booking'> = {
  'booking.resource-created': RESOURCE,
  'booking.resource-updated': RESOURCE,
  'booking.placed': BOOKING_SNAPSHOT,
  'booking.cancelled': BOOKING_SNAPSHOT,
  'booking.rescheduled': [...BOOKING_SNAPSHOT, 'fromResourceId', 'fromStartsAt', 'fromEndsAt'],
  'booking.checked-in': BOOKING_SNAPSHOT,
  'booking.no-show-marked': BOOKING_SNAPSHOT,
  'booking.series-booked': [...SERIES, 'rule', 'startsAt', 'booked', 'skipped'],
  'booking.series-cancelled': [...SERIES, 'cancelled'],
  'booking.calendar-feed-created': ['calendarFeedId', 'userId'],
  'booking.calendar-feed-revoked': ['calendarFeedId', 'userId'],
  'booking.slot-held': SLOT_HOLD,
  'booking.slot-hold-released': SLOT_HOLD,
  'booking.slot-hold-expired': SLOT_HOLD,
  'booking.slots-blocked': SLOT_BLOCK,
  'booking.slots-unblocked': SLOT_BLOCK,
  'booking.waitlist-joined': WAITLIST_ENTRY,
  'booking.waitlist-left': WAITLIST_ENTRY,
  'booking.waitlist-lapsed': WAITLIST_ENTRY,
  'booking.slot-offered': WAITLIST_ENTRY,
  'booking.offer-accepted': WAITLIST_ENTRY,
  'booking.offer-declined': WAITLIST_ENTRY,
  'booking.offer-expired': WAITLIST_ENTRY,
  'booking.limit-changed': ['role', 'window', 'maximum'],
};

const OCCUPANCY = [
  'lotId',
  'capacity',
  'occupied',
  'reserved',
  'free',
  'observedAt',
  'isStale',
  'revision',
] as const;
const LOT = [...OCCUPANCY, 'name', 'version'] as const;
const PARKING_RESERVATION = [
  'parkingReservationId',
  'lotId',
  'spaceId',
  'userId',
  'startsAt',
  'endsAt',
  'status',
  'noShowAt',
  'reservedAt',
  'checkedInAt',
  'endedAt',
  'cancelReason',
  'changedAt',
  'version',
] as const;
const PARKING_SESSION = [
  'parkingSessionId',
  'lotId',
  'spaceId',
  'userId',
  'parkingReservationId',
  'startedAt',
  'until',
  'overdueAt',
  'endedAt',
  'chargeMinor',
  'paidMinor',
  'currency',
  'version',
] as const;

const PARKING: Payloads<'parking'> = {
  'parking.lot-created': LOT,
  'parking.lot-updated': LOT,
  'parking.rate-changed': [...OCCUPANCY, 'rateId', 'validFrom'],
  'parking.occupancy-changed': OCCUPANCY,
  'parking.lot-filled': OCCUPANCY,
  'parking.reservation-made': PARKING_RESERVATION,
  'parking.reservation-extended': PARKING_RESERVATION,
  'parking.reservation-delayed': PARKING_RESERVATION,
  'parking.reservation-checked-in': PARKING_RESERVATION,
  'parking.reservation-completed': PARKING_RESERVATION,
  'parking.reservation-cancelled': PARKING_RESERVATION,
  'parking.reservation-expired': PARKING_RESERVATION,
  'parking.reservation-no-show-marked': PARKING_RESERVATION,
  'parking.session-started': PARKING_SESSION,
  'parking.session-extended': PARKING_SESSION,
  'parking.session-overdue': PARKING_SESSION,
  'parking.session-ended': PARKING_SESSION,
  'parking.session-paid': PARKING_SESSION,
};

const MARKED = ['userId', 'notifications', 'at'] as const;

const NOTIFICATION: Payloads<'notification'> = {
  'notification.created': [
    'notificationId',
    'userId',
    'notificationType',
    'severity',
    'eventType',
    'createdAt',
  ],
  'notification.read': MARKED,
  'notification.deleted': MARKED,
  'notification.preference-changed': ['userId', 'notificationType', 'inApp', 'byMail'],
  'notification.sent': [
    'sending',
    'notificationType',
    'severity',
    'message',
    'userIds',
    'roles',
    'recipients',
  ],
};

const SESSION = ['sessionId', 'userId', 'deviceId'] as const;

const AUTH: Payloads<'auth'> = {
  'auth.venue-created': ['slug'],
  'auth.venue-updated': ['slug', 'name', 'timeZone', 'currency'],
  'auth.key-rotated': ['kid'],
  'auth.key-revoked': ['kid'],
  'auth.secrets-rewrapped': ['count'],
  'auth.user-registered': ['userId', 'roles'],
  'auth.roles-changed': ['userId', 'roles', 'grants'],
  'auth.user-locked': ['userId', 'reason'],
  'auth.user-unlocked': ['userId'],
  'auth.password-changed': ['userId'],
  'auth.password-reset-requested': ['userId'],
  'auth.password-reset': ['userId'],
  'auth.email-verified': ['userId'],
  'auth.email-changed': ['userId'],
  'auth.profile-updated': ['userId'],
  'auth.data-exported': ['userId'],
  'auth.user-deleted': ['userId'],
  'auth.sign-in-failed': ['userId', 'deviceId', 'reason'],
  'auth.account-locked-out': ['userId', 'deviceId', 'kind', 'scope'],
  'auth.session-opened': SESSION,
  'auth.session-renewed': SESSION,
  'auth.session-revoked': [...SESSION, 'reason'],
  'auth.second-factor-enrolled': ['userId'],
  'auth.second-factor-confirmed': ['userId'],
  'auth.second-factor-disabled': ['userId'],
  'auth.second-factor-required': ['userId'],
  'auth.second-factor-failed': ['userId', 'failuresInARow'],
  'auth.recovery-code-used': ['userId', 'codesLeft'],
  'auth.device-registered': ['deviceId'],
  'auth.api-key-created': ['apiKeyId', 'scopes'],
  'auth.api-key-revoked': ['apiKeyId'],
};

const REALTIME: Payloads<'realtime'> = {
  'realtime.client-disconnected': ['connectionId', 'userId', 'deviceId', 'apiKeyId', 'reason'],
};

const CHANNEL: Payloads<'channel'> = {
  'channel.message-sent': ['messageId', 'kind', 'userId', 'deviceId', 'name', 'messageType', 'data'],
};

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
    owners: () => ({ without: [] }),
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
