import type { Channel, ChannelKind } from './channel.ts';
import { isCustomChannel, VENUE_CHANNEL } from './channel.ts';

declare module '../events/events.ts' {
  interface EventMap {
    /** Something was said on a channel. */
    'channel.message-sent': MessageSnapshot;
  }
}

/** A message as it was sent, with which channel in parts: ids of people stand under their own keys. */
export interface MessageSnapshot {
  readonly messageId: string;
  readonly kind: ChannelKind;
  /** Whose channel it is; null for those of nobody. */
  readonly userId: string | null;
  readonly deviceId: string | null;
  /** Of a custom channel. */
  readonly name: string | null;
  readonly messageType: string;
  /** JSON as a text, which nothing on its way reads or orders. */
  readonly data: string;
}

export const MESSAGE_EVENTS = ['channel.message-sent'] as const;

/** The part of a snapshot that says which channel. */
export const partsOfChannel = (
  channel: Channel,
): Pick<MessageSnapshot, 'kind' | 'userId' | 'deviceId' | 'name'> => ({
  kind: channel.kind,
  userId: channel.kind === 'USER' ? channel.userId : null,
  deviceId: channel.kind === 'DEVICE' ? channel.deviceId : null,
  name: channel.kind === 'CUSTOM' ? channel.name : null,
});

/** The channel of a snapshot; null for a custom one there is no more. */
export function channelOfSnapshot({ userId, deviceId, kind, name }: MessageSnapshot): Channel | null {
  if (kind === 'VENUE') return VENUE_CHANNEL;
  if (userId !== null) return { kind: 'USER', userId };
  if (deviceId !== null) return { kind: 'DEVICE', deviceId };
  return name !== null && isCustomChannel(name) ? { kind: 'CUSTOM', name } : null;
}
