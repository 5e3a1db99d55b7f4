import type { EventMap, EventType } from '../events/events.ts';

/** Each type of one domain with the keys of its payload: a new type is told here, or this does not compile. */
type Payloads<Domain extends string> = {
  readonly [T in Extract<EventType, `${Domain}.${string}`>]: readonly KeysOf<EventMap[T]>[];
};

type KeysOf<Payload> = Payload extends unknown ? keyof Payload & string : never;

export const MACHINE: Payloads<'machine'> = {
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
  'machine.line-removed': ['lineId'],
  'machine.line-taken': ['lineId', 'driver', 'epoch'],
  'machine.line-released': ['lineId', 'driver', 'epoch'],
  'machine.driver-lost': ['lineId', 'driver', 'epoch'],
  'machine.registered': ['machineId', 'lineId', 'address'],
  'machine.removed': ['machineId', 'lineId'],
};

export const WALLET: Payloads<'wallet'> = {
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
    'changeMinor',
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

export const BOOKING: Payloads<'booking'> = {
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

export const OCCUPANCY = [
  'lotId',
  'capacity',
  'occupied',
  'reserved',
  'free',
  'observedAt',
  'isStale',
  'revision',
] as const;
export const LOT = [...OCCUPANCY, 'name', 'version'] as const;
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

export const PARKING: Payloads<'parking'> = {
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
  'parking.session-settled': [...PARKING_SESSION, 'settledMinor', 'settledHow', 'settledAt', 'settledNote'],
};

const ALERT_WATCH = [
  'name',
  'metric',
  'lotId',
  'windowSeconds',
  'comparison',
  'threshold',
  'severity',
] as const;
const ALERT_RULE = [
  'alertRuleId',
  ...ALERT_WATCH,
  'holdSeconds',
  'clearSeconds',
  'enabled',
  'version',
] as const;
const ALERT_FACTS = [
  'alertId',
  'alertRuleId',
  ...ALERT_WATCH,
  'value',
  'firedAt',
  'acknowledgedAt',
  'acknowledgedBy',
  'resolvedAt',
  'resolution',
  'resolvedValue',
] as const;

export const ALERT: Payloads<'alert'> = {
  'alert.rule-created': ALERT_RULE,
  'alert.rule-updated': ALERT_RULE,
  'alert.rule-deleted': ALERT_RULE,
  'alert.fired': ALERT_FACTS,
  'alert.acknowledged': ALERT_FACTS,
  'alert.resolved': ALERT_FACTS,
};

const MARKED = ['userId', 'notifications', 'at'] as const;

export const NOTIFICATION: Payloads<'notification'> = {
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

export const AUTH: Payloads<'auth'> = {
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
  'auth.identity-linked': ['userId', 'provider'],
  'auth.identity-unlinked': ['userId', 'provider'],
  'auth.device-registered': ['deviceId'],
  'auth.api-key-created': ['apiKeyId', 'scopes'],
  'auth.api-key-revoked': ['apiKeyId'],
};

export const REALTIME: Payloads<'realtime'> = {
  'realtime.client-disconnected': ['connectionId', 'userId', 'deviceId', 'apiKeyId', 'reason'],
};

export const CHANNEL: Payloads<'channel'> = {
  'channel.message-sent': ['messageId', 'kind', 'userId', 'deviceId', 'name', 'messageType', 'data'],
};

const DEVICE_COMMAND = ['deviceCommandId', 'deviceId', 'kind', 'state', 'expiresAt'] as const;

const FIRMWARE_OFFER = ['deploymentId', 'firmwareId', 'deviceId'] as const;

/** What happens to devices, whatever they show. */
export const DEVICE = {
  'signage.device-updated': ['deviceId', 'version', 'ownerId', 'formerOwnerId', 'groupIds'],
  'signage.device-removed': ['deviceId', 'formerOwnerId'],
  'signage.device-group-created': ['deviceGroupId', 'name', 'deviceIds'],
  'signage.device-status-changed': [
    'deviceId',
    'status',
    'previousStatus',
    'changedAt',
    'lastSeenAt',
    'statusVersion',
  ],
  'signage.command-queued': DEVICE_COMMAND,
  'signage.command-delivered': DEVICE_COMMAND,
  'signage.command-acknowledged': DEVICE_COMMAND,
  'signage.command-finished': DEVICE_COMMAND,
  'signage.firmware-uploaded': ['firmwareId', 'version', 'deviceId'],
  'signage.deployment-started': ['deploymentId', 'firmwareId', 'deviceIds'],
  'signage.firmware-offered': FIRMWARE_OFFER,
  'signage.firmware-progressed': [...FIRMWARE_OFFER, 'state', 'percent', 'failure'],
  'signage.deployment-finished': ['deploymentId', 'firmwareId', 'state', 'upToDate', 'failed', 'cancelled'],
} satisfies Partial<Payloads<'signage'>>;
const DISPLAY_REPORT = ['deviceId', 'layoutId', 'revision', 'displayVersion'] as const;
const SCHEDULE = ['scheduleId', 'layoutId', 'name', 'priority', 'enabled', 'version'] as const;
const TAKEOVER = ['takeoverId', 'layoutId', 'reason', 'devices', 'startedAt', 'endsAt', 'endedAt'] as const;

export const SIGNAGE: Payloads<'signage'> = {
  ...DEVICE,
  'signage.layout-pushed': [
    'deviceId',
    'layoutId',
    'revision',
    'cause',
    'scheduleId',
    'takeoverId',
    'displayVersion',
    'desiredAt',
  ],
  'signage.layout-applied': [...DISPLAY_REPORT, 'appliedAt'],
  'signage.layout-failed': [...DISPLAY_REPORT, 'reason', 'failedAt'],
  'signage.layout-created': ['layoutId', 'name'],
  'signage.layout-edited': [
    'layoutId',
    'version',
    'name',
    'width',
    'height',
    'changedRegions',
    'removedRegionIds',
  ],
  'signage.layout-published': ['layoutId', 'revision', 'version', 'name'],
  'signage.layout-deleted': ['layoutId', 'name', 'replacedByLayoutId'],
  'signage.editors-changed': ['layoutId', 'editingRevision', 'editors'],
  'signage.push-planned': ['pushId', 'layoutId', 'dueAt'],
  'signage.push-cancelled': ['pushId', 'layoutId'],
  'signage.push-made': ['pushId', 'layoutId', 'revision', 'devices'],
  'signage.content-changed': [
    'contentType',
    'mediaId',
    'playlistId',
    'layoutId',
    'playlistIds',
    'action',
    'version',
    'sentData',
  ],
  'signage.schedule-created': SCHEDULE,
  'signage.schedule-updated': SCHEDULE,
  'signage.schedule-removed': SCHEDULE,
  'signage.schedule-condition-turned': ['scheduleId', 'layoutId', 'holds'],
  'signage.takeover-started': TAKEOVER,
  'signage.takeover-ended': TAKEOVER,
  'signage.plays-reported': ['deviceId', 'batchId', 'recorded', 'from', 'to'],
};

const EXPORT_FACTS = [
  'bulkExportId',
  'kind',
  'from',
  'to',
  'resourceIds',
  'machineIds',
  'lotIds',
  'status',
  'requestedBy',
  'createdAt',
  'rowCount',
  'byteCount',
  'sha256',
  'finishedAt',
  'expiresAt',
  'failure',
] as const;

export const EXPORT: Payloads<'export'> = {
  'export.started': EXPORT_FACTS,
  'export.finished': EXPORT_FACTS,
  'export.cancelled': EXPORT_FACTS,
  'export.expired': EXPORT_FACTS,
  'export.file-read': ['bulkExportId', 'kind'],
};
