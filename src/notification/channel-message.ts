import type { Actor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import { refuseLossyJson } from '../lib/json.ts';
import type { Channel } from './channel.ts';

/** Something said on a channel. */
export interface ChannelMessage {
  readonly id: string;
  readonly venueId: string;
  readonly channel: Channel;
  /** What kind of message it is, in words of those who send and follow. */
  readonly type: string;
  /** JSON, as it was sent. */
  readonly dataText: string;
  readonly sender: { readonly kind: Actor['kind']; readonly id: string | null };
  readonly sentAt: Date;
}

/** Of JSON as UTF-8, without blanks. `channel_message_size` says the same. */
export const MAX_DATA_BYTES = 16_384;

const TYPE = /^[A-Za-z][A-Za-z0-9._:/-]{0,63}$/;

/** @throws ValidationError */
export function parseMessageType(text: string): string {
  if (TYPE.test(text)) return text;
  throw new ValidationError('type takes a letter and then at most 63 letters, digits and . _ : / -', {
    field: 'type',
  });
}

/**
 * The JSON text of what is to be said: whoever hears it reads from it the very value that was sent.
 *
 * @throws ValidationError for what is too big, and for numbers that JSON has lost digits of
 */
export function parseMessageData(value: unknown): string {
  refuseLossyJson(value, 'data');
  const text = JSON.stringify(value);
  if (text === undefined) throw new ValidationError('data takes JSON.', { field: 'data' });
  if (Buffer.byteLength(text) > MAX_DATA_BYTES)
    throw new ValidationError(`data takes at most ${MAX_DATA_BYTES} bytes of JSON.`, { field: 'data' });
  return text;
}
