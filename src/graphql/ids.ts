import { isUuid } from '../lib/ids.ts';
import { InvalidIdError } from './errors.ts';

/**
 * Global ids: `Type:uuid` in base64url, opaque to clients. A slot has no row, so its id is that of its resource and
 * the minute it begins: `Slot:uuid@minute`.
 *
 * They are decoded here and nowhere else, so that nothing but a canonical UUID reaches PostgreSQL.
 */
export interface GlobalId {
  readonly typename: string;
  readonly id: string;
}

const TYPENAME = /^[A-Z][A-Za-z0-9]{0,63}$/;
const MAX_LENGTH = 160;

export function encodeGlobalId(typename: string, id: string): string {
  return Buffer.from(`${typename}:${id}`, 'latin1').toString('base64url');
}

/**
 * What a global id names. Whether such a thing exists is asked later and answered with API_002.
 *
 * @throws InvalidIdError (API_001) for what was never given out as an id
 */
export function decodeGlobalId(text: string): GlobalId {
  if (text.length > MAX_LENGTH) throw new InvalidIdError('This is not an id.', { text });
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const colon = decoded.indexOf(':');
  const typename = decoded.slice(0, Math.max(colon, 0));
  const id = decoded.slice(colon + 1);
  // One id, one text: Buffer forgives padding and stray characters, we do not.
  if (!TYPENAME.test(typename) || !isIdOf(typename, id) || encodeGlobalId(typename, id) !== text) {
    throw new InvalidIdError('This is not an id.', { text });
  }
  return { typename, id };
}

/** A slot by its resource and its beginning, in minutes since 1970. */
const SLOT = /^([0-9a-f-]{36})@(0|[1-9]\d{0,8})$/;

function isIdOf(typename: string, id: string): boolean {
  return isUuid(typename === 'Slot' ? (SLOT.exec(id)?.[1] ?? '') : id);
}

/** What comes behind `Slot:` in a global id. */
export const slotKeyOf = (resourceId: string, startsAt: Date): string =>
  `${resourceId}@${Math.floor(startsAt.getTime() / 60_000)}`;

/** The other way round, of what a decoded id holds. */
export function slotOfKey(key: string): { readonly resourceId: string; readonly startsAt: Date } {
  const [, resourceId = '', minute] = SLOT.exec(key) ?? [];
  return { resourceId, startsAt: new Date(Number(minute) * 60_000) };
}

/**
 * The UUID in the global id of one type, or the key of a slot.
 *
 * @throws InvalidIdError (API_001) for a malformed id and for the id of another type
 */
export function decodeIdOf(typename: string, text: string): string {
  const decoded = decodeGlobalId(text);
  if (decoded.typename !== typename)
    throw new InvalidIdError(`This is the id of a ${decoded.typename}, not of a ${typename}.`, { text });
  return decoded.id;
}
