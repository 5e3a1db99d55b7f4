import { isUuid } from '../lib/ids.ts';
import { InvalidIdError } from './errors.ts';

/**
 * Global ids: `Type:uuid` in base64url, opaque to clients.
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
  if (text.length > MAX_LENGTH) throw new InvalidIdError('This is not an id.');
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const colon = decoded.indexOf(':');
  const typename = decoded.slice(0, Math.max(colon, 0));
  const id = decoded.slice(colon + 1);
  // One id, one text: Buffer forgives padding and stray characters, we do not.
  if (!TYPENAME.test(typename) || !isUuid(id) || encodeGlobalId(typename, id) !== text) {
    throw new InvalidIdError('This is not an id.');
  }
  return { typename, id };
}

/**
 * The UUID in the global id of one type.
 *
 * @throws InvalidIdError (API_001) for a malformed id and for the id of another type
 */
export function decodeIdOf(typename: string, text: string): string {
  const decoded = decodeGlobalId(text);
  if (decoded.typename !== typename)
    throw new InvalidIdError(`This is the id of a ${decoded.typename}, not of a ${typename}.`);
  return decoded.id;
}
