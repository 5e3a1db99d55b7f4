import { type Channel, isCustomChannel, VENUE_CHANNEL } from '../notification/channel.ts';
import { UnknownChannelError } from '../notification/channel-errors.ts';
import { InvalidIdError } from './errors.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';

/** The name of a channel as clients write it: ids in it are global ids. */
export function channelName(venueId: string, channel: Channel): string {
  switch (channel.kind) {
    case 'VENUE':
      return `venue:${encodeGlobalId('Venue', venueId)}`;
    case 'USER':
      return `user:${encodeGlobalId('User', channel.userId)}`;
    case 'DEVICE':
      return `device:${encodeGlobalId('Device', channel.deviceId)}`;
    case 'CUSTOM':
      return channel.name;
  }
}

/** Whether there is such a person or device is asked later. @throws UnknownChannelError for the name of none, and another venue's */
export function parseChannelName(venueId: string, name: string): Channel {
  if (isCustomChannel(name)) return { kind: 'CUSTOM', name };
  const [, kind, id = ''] = /^(venue|user|device):([^:]+)$/.exec(name) ?? [];
  if (kind === 'user') return { kind: 'USER', userId: idIn('User', id) };
  if (kind === 'device') return { kind: 'DEVICE', deviceId: idIn('Device', id) };
  if (kind === 'venue' && idIn('Venue', id) === venueId) return VENUE_CHANNEL;
  throw new UnknownChannelError();
}

/** @throws UnknownChannelError */
function idIn(typename: string, text: string): string {
  try {
    return decodeIdOf(typename, text);
  } catch (error) {
    throw error instanceof InvalidIdError ? new UnknownChannelError({ cause: error }) : error;
  }
}
