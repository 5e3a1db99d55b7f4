import { isUuid } from '../lib/ids.ts';

/**
 * A named topic of one venue that people broadcast to and follow: the venue's own, that of one of its people or
 * devices, or a custom one. The same names at another venue are other channels.
 */
export type Channel =
  | { readonly kind: 'VENUE' }
  | { readonly kind: 'USER'; readonly userId: string }
  | { readonly kind: 'DEVICE'; readonly deviceId: string }
  | { readonly kind: 'CUSTOM'; readonly name: CustomChannel };

export type ChannelKind = Channel['kind'];

/** The custom channels of every venue. They are public knowledge; who follows which is `channel-policy.ts`. */
export const CUSTOM_CHANNELS = ['admin-notifications', 'emergency-alerts', 'maintenance-updates'] as const;
export type CustomChannel = (typeof CUSTOM_CHANNELS)[number];

export const isCustomChannel = (name: string): name is CustomChannel =>
  CUSTOM_CHANNELS.some((known) => known === name);

export const VENUE_CHANNEL: Channel = { kind: 'VENUE' };

/** A channel among those of its venue, as tables and counts name it: `venue`, `user:<uuid>`, `emergency-alerts`. */
export function channelKey(channel: Channel): string {
  switch (channel.kind) {
    case 'VENUE':
      return 'venue';
    case 'USER':
      return `user:${channel.userId}`;
    case 'DEVICE':
      return `device:${channel.deviceId}`;
    case 'CUSTOM':
      return channel.name;
  }
}

/** The other way round; null for a custom one there is no more. */
export function channelOfKey(key: string): Channel | null {
  if (key === 'venue') return VENUE_CHANNEL;
  if (isCustomChannel(key)) return { kind: 'CUSTOM', name: key };
  const [kind, id = ''] = key.split(':');
  if (!isUuid(id)) return null;
  if (kind === 'user') return { kind: 'USER', userId: id };
  return kind === 'device' ? { kind: 'DEVICE', deviceId: id } : null;
}
