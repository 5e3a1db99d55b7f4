import { findDevicesByIds } from '../auth/device-store.ts';
import { findUsersByIds } from '../auth/user-store.ts';
import { once, parseKey } from '../idempotency.ts';
import { actorReference } from '../lib/actor.ts';
import { NotFoundError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { type Channel, channelKey, VENUE_CHANNEL } from './channel.ts';
import { UnknownChannelError } from './channel-errors.ts';
import { partsOfChannel } from './channel-events.ts';
import { type ChannelMessage, parseMessageData, parseMessageType } from './channel-message.ts';
import { canBroadcast, canBroadcastOn, canFollowChannel } from './channel-policy.ts';
import { findMessagesByIds, insertMessage, type Period } from './channel-store.ts';

/** To whom something is said: one channel, one user or one device of the venue; without any of them, the venue. */
export interface Broadcast {
  readonly venueId: string;
  readonly channel: Channel | null;
  readonly userId: string | null;
  readonly deviceId: string | null;
  readonly type: string;
  /** Any JSON. */
  readonly data: unknown;
  /** The caller's own name for it: said once by it, however often he asks. */
  readonly idempotencyKey: string | null;
}

/**
 * Says something on a channel, to whoever follows it.
 *
 * @throws ValidationError, IdempotencyMismatchError, UnknownChannelError
 * @throws NotFoundError for a user or device the venue does not have, and for a message that was said and is gone
 * @throws PermissionDeniedError for a channel that is not his to speak on
 */
export async function broadcastMessage(
  work: Work,
  input: Broadcast,
): Promise<{ readonly message: ChannelMessage; readonly isReplay: boolean }> {
  const { tx, actor } = work;
  const { venueId } = input;
  const channel = channelOf(input);
  const isOfDevice = actor.kind === 'device';
  if (!isOfDevice && !canBroadcast(actor, venueId)) throw new PermissionDeniedError('broadcast');
  if (!canBroadcastOn(actor, venueId, channel))
    throw new PermissionDeniedError(`broadcast on ${channelKey(channel)}`);
  if (!(await haveOwners({ db: tx, venueId }, [channel])))
    throw input.channel
      ? new UnknownChannelError()
      : new NotFoundError(channel.kind === 'USER' ? 'user' : 'device');
  const said = { channel, type: parseMessageType(input.type), dataText: parseMessageData(input.data) };
  if (input.idempotencyKey === null) return { message: await say(work, venueId, said), isReplay: false };
  const { type, data } = input;
  const parameters = { what: 'broadcast', venueId, type, data, channel: channelKey(channel) };
  const idempotency = parseKey(actor, input.idempotencyKey, parameters);
  const { outcome, isReplay } = await once(work, { venueId, idempotency }, async () => {
    const { id } = await say(work, venueId, said);
    return { id };
  });
  const [message] = await findMessagesByIds(tx, venueId, [outcome.id]);
  if (!message) throw new NotFoundError('message');
  return { message, isReplay };
}

async function say(
  work: Work,
  venueId: string,
  said: Pick<ChannelMessage, 'channel' | 'type' | 'dataText'>,
): Promise<ChannelMessage> {
  const { tx, actor, now } = work;
  const message = { id: newId(), venueId, ...said, sender: actorReference(actor), sentAt: now };
  await insertMessage(tx, message);
  work.emit({
    type: 'channel.message-sent',
    venueId,
    messageId: message.id,
    ...partsOfChannel(said.channel),
    messageType: said.type,
    data: said.dataText,
  });
  return message;
}

/** @throws ValidationError */
function channelOf({ channel, userId, deviceId }: Broadcast): Channel {
  const named = [channel, userId, deviceId].filter((each) => each !== null);
  if (named.length > 1) throw new ValidationError('Name a channel, a user or a device, not several.');
  if (userId !== null) return { kind: 'USER', userId };
  if (deviceId !== null) return { kind: 'DEVICE', deviceId };
  return channel ?? VENUE_CHANNEL;
}

/**
 * Which of these channels are lent to the actor, when he may follow every one of them.
 *
 * @throws UnknownChannelError for that of a person or device which is not his to follow, or is not there
 * @throws PermissionDeniedError for a custom one that is not his to follow
 */
export async function checkFollowable(
  read: Read,
  venueId: string,
  { channels, heldDevices }: { readonly channels: readonly Channel[]; readonly heldDevices: FindHeldDevices },
): Promise<readonly LentChannel[]> {
  const { db, actor } = read;
  const lent = await lentChannels(read, venueId, { channels, heldDevices });
  for (const channel of channels) {
    if (canFollowChannel(actor, venueId, channel) || lent.some((each) => each.channel === channel)) continue;
    if (channel.kind === 'CUSTOM') throw new PermissionDeniedError(`follow ${channel.name}`);
    throw new UnknownChannelError();
  }
  if (!(await haveOwners({ db, venueId }, channels))) throw new UnknownChannelError();
  return lent;
}

/** The slots for which a person has booked each of these devices for this very moment; those he has not are left out. */
export type FindHeldDevices = (
  db: Read['db'],
  of: {
    readonly venueId: string;
    readonly userId: string;
    readonly deviceIds: readonly string[];
    readonly now: Date;
  },
) => Promise<ReadonlyMap<string, Period>>;

/** Somebody else's channel that a person may follow, all of it or what is said on it for some time. */
export interface LentChannel {
  readonly channel: Channel;
  /** Null: its device is his. */
  readonly during: Period | null;
}

/** Whether it was said on a channel that is lent, and when it was: what others were told before him is not for him. */
export const isLent = (
  lent: readonly LentChannel[],
  { channel: key, at }: { readonly channel: string; readonly at: Date },
): boolean =>
  lent.some(
    ({ channel, during }) =>
      channelKey(channel) === key && (during === null || (during.from <= at && at < during.until)),
  );

/** Those of these channels that the actor may follow for no other reason than that their devices are his, or are for now. */
export async function lentChannels(
  { db, actor, now }: Read,
  venueId: string,
  { channels, heldDevices }: { readonly channels: readonly Channel[]; readonly heldDevices: FindHeldDevices },
): Promise<readonly LentChannel[]> {
  if (actor.kind !== 'user' || actor.venueId !== venueId) return [];
  const others = channels.flatMap((channel) =>
    channel.kind === 'DEVICE' && !canFollowChannel(actor, venueId, channel) ? [channel] : [],
  );
  if (others.length === 0) return [];
  const { userId } = actor;
  const deviceIds = others.map(({ deviceId }) => deviceId);
  const devices = await findDevicesByIds(db, venueId, deviceIds);
  const own = new Set(devices.filter(({ ownerId }) => ownerId === userId).map(({ id }) => id));
  const held = await heldDevices(db, { venueId, userId, deviceIds, now });
  return others.flatMap((channel): readonly LentChannel[] => {
    if (own.has(channel.deviceId)) return [{ channel, during: null }];
    const during = held.get(channel.deviceId);
    return during ? [{ channel, during }] : [];
  });
}

/** Whether the venue has every person and device whose channels these are. */
async function haveOwners(
  { db, venueId }: Pick<Read, 'db'> & { readonly venueId: string },
  channels: readonly Channel[],
): Promise<boolean> {
  const userIds = new Set(channels.flatMap((channel) => (channel.kind === 'USER' ? channel.userId : [])));
  const deviceIds = new Set(
    channels.flatMap((channel) => (channel.kind === 'DEVICE' ? channel.deviceId : [])),
  );
  const users = userIds.size > 0 ? await findUsersByIds(db, venueId, [...userIds]) : [];
  const devices = await findDevicesByIds(db, venueId, [...deviceIds]);
  const isThere = ({ status }: { readonly status: string }) => status !== 'DELETED' && status !== 'REMOVED';
  return users.filter(isThere).length === userIds.size && devices.filter(isThere).length === deviceIds.size;
}
