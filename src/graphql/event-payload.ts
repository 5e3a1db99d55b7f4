import type { Actor } from '../lib/actor.ts';
import { encodeGlobalId } from './ids.ts';

/** What the ids in the facts of an event are ids of. */
const TYPE_OF_KEY: Readonly<Record<string, string>> = {
  userId: 'User',
  sessionId: 'AuthSession',
  apiKeyId: 'ApiKey',
  deviceId: 'Device',
  messageId: 'ChannelMessage',
  machineId: 'Machine',
  jackpotId: 'Jackpot',
  handpayId: 'Handpay',
  eventId: 'MachineEvent',
  lineId: 'SasLine',
  connectionId: 'RealtimeConnection',
  walletId: 'Wallet',
  transactionId: 'LedgerTransaction',
  holdId: 'WalletHold',
  resourceId: 'Resource',
  fromResourceId: 'Resource',
  bookingId: 'Booking',
  seriesId: 'BookingSeries',
  slotHoldId: 'SlotHold',
  calendarFeedId: 'CalendarFeed',
  blockId: 'SlotBlock',
  waitlistEntryId: 'WaitlistEntry',
  lotId: 'ParkingLot',
  spaceId: 'ParkingSpace',
  rateId: 'ParkingRate',
  parkingReservationId: 'ParkingReservation',
  parkingSessionId: 'ParkingSession',
  ledgerTransactionId: 'LedgerTransaction',
  transferId: 'AftTransfer',
  notificationId: 'Notification',
  ownerId: 'User',
  formerOwnerId: 'User',
  deviceGroupId: 'DeviceGroup',
  deviceCommandId: 'DeviceCommand',
  layoutId: 'Layout',
  replacedByLayoutId: 'Layout',
  pushId: 'LayoutPush',
  mediaId: 'Media',
  playlistId: 'Playlist',
  scheduleId: 'Schedule',
  takeoverId: 'Takeover',
  firmwareId: 'Firmware',
  deploymentId: 'Deployment',
  alertRuleId: 'AlertRule',
  alertId: 'Alert',
  bulkExportId: 'BulkExport',
};

/** Lists of ids. */
const TYPE_OF_LIST: Readonly<Record<string, string>> = {
  userIds: 'User',
  deviceIds: 'Device',
  groupIds: 'DeviceGroup',
  playlistIds: 'Playlist',
  resourceIds: 'Resource',
  machineIds: 'Machine',
  lotIds: 'ParkingLot',
};

/** What the facts hold whole: the type of its `id`. */
const TYPE_OF_PART: Readonly<Record<string, string>> = { event: 'MachineEvent', transfer: 'AftTransfer' };

/** Who did something, told by kind and id. */
const ACTORS: ReadonlySet<string> = new Set(['acknowledgedBy', 'requestedBy']);

/** The facts of an event as they leave the server: ids of what has a global id are global. */
export const publicPayload = (payload: object): unknown => withGlobalIds(payload, undefined);

/** What somebody wrote is shown as he wrote it. */
const VERBATIM: ReadonlySet<string> = new Set(['sentData']);

function withGlobalIds(value: unknown, typeOfId: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((entry) => withGlobalIds(entry, undefined));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (VERBATIM.has(key)) return [key, inner];
      if (ACTORS.has(key) && isActor(inner)) return [key, { ...inner, id: publicActorId(inner) }];
      const listed = TYPE_OF_LIST[key];
      if (listed !== undefined && Array.isArray(inner))
        return [key, inner.map((id) => encodeGlobalId(listed, String(id)))];
      const typename = key === 'id' ? typeOfId : TYPE_OF_KEY[key];
      const isId = typename !== undefined && typeof inner === 'string';
      return [key, isId ? encodeGlobalId(typename, inner) : withGlobalIds(inner, TYPE_OF_PART[key])];
    }),
  );
}

interface ActorReference {
  readonly kind: Actor['kind'];
  readonly id: string | null;
}

const isActor = (value: unknown): value is ActorReference =>
  typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;

const TYPE_OF_ACTOR: Readonly<Record<Actor['kind'], string | null>> = {
  user: 'User',
  partner: 'ApiKey',
  device: 'Device',
  system: null,
  anonymous: null,
};

/** The global id of whoever did something; the name of a part of floorwire; null for nobody. */
export function publicActorId({ kind, id }: ActorReference): string | null {
  const typename = TYPE_OF_ACTOR[kind];
  return id !== null && typename ? encodeGlobalId(typename, id) : id;
}
