import type { NotificationType, Severity } from '../db/tables/notification.ts';
import type { Role } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import { refuseLossyJson } from '../lib/json.ts';

export type { NotificationType, Severity } from '../db/tables/notification.ts';

/** Something one person is told, kept until he has read it. */
export interface Notification {
  readonly id: string;
  readonly venueId: string;
  readonly userId: string;
  readonly type: NotificationType;
  readonly severity: Severity;
  /** For him to read, times in the venue's zone. */
  readonly message: string;
  /** What it is about: ids as the tables have them; or what somebody sent, as he wrote it. */
  readonly data: unknown;
  /** Shown only while he has one of these roles at the venue; null: whatever he is. */
  readonly roles: readonly Role[] | null;
  /** The type of the event it follows from; null for what somebody sent. */
  readonly eventType: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

export const NOTIFICATION_TYPES = [
  'RESERVATION',
  'PARKING_LOT',
  'BOOKING',
  'WAITLIST',
  'WALLET',
  'MACHINE',
  'DEVICE',
  'LAYOUT',
  'ALERT',
  'SECURITY',
  'SYSTEM',
] as const satisfies readonly NotificationType[];

export const SEVERITIES = ['INFO', 'SUCCESS', 'WARNING', 'CRITICAL'] as const satisfies readonly Severity[];

/** In UTF-16 units. */
export const MAX_MESSAGE = 500;
/** Of `data` as JSON, in UTF-8. */
export const MAX_DATA_BYTES = 4_096;

/** No Unicode, and no JSON to PostgreSQL. */
const LONE_SURROGATE = /\p{Cs}/u;

/** Words for people. @throws ValidationError */
export function parseMessage(text: string): string {
  const message = text.trim().normalize('NFC');
  if (message.length === 0 || message.length > MAX_MESSAGE)
    throw new ValidationError(`message takes 1 to ${MAX_MESSAGE} characters.`, { field: 'message' });
  // PostgreSQL keeps no NUL, and a person sees none of the others.
  if (/\p{Cc}/u.test(message) || LONE_SURROGATE.test(message))
    throw new ValidationError('message has no control characters.', { field: 'message' });
  return message;
}

/**
 * Any JSON that PostgreSQL keeps, and all of it but the order of keys; nothing is an empty object.
 *
 * @throws ValidationError
 */
export function parseData(data: unknown): unknown {
  if (data === undefined || data === null) return {};
  refuseLossyJson(data, 'data');
  if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES)
    throw new ValidationError(`data has at most ${MAX_DATA_BYTES} bytes as JSON.`, { field: 'data' });
  if (textsOf(data).some((text) => text.includes('\0') || LONE_SURROGATE.test(text)))
    throw new ValidationError('The texts of data are Unicode without NUL.', { field: 'data' });
  return data;
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)]);
}
