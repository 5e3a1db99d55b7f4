import { createHash, randomBytes } from 'node:crypto';
import { ValidationError } from '../lib/errors.ts';
import { parseName } from '../lib/name.ts';

/** A screen, lab board, gate or sensor of one venue. */
export interface Device {
  readonly id: string;
  readonly venueId: string;
  /** What people call it, and no other device of the venue: `GATE-2`. */
  readonly deviceNumber: string;
  readonly kind: DeviceKind;
  readonly name: string;
  /** By its maker, and no other device's of the venue. */
  readonly serialNumber: string;
  readonly status: DeviceStatus;
  /** The person it is lent or belongs to; null: the venue's own. */
  readonly ownerId: string | null;
  /** What of the venue is booked with it. */
  readonly resourceId: string | null;
  /** IANA; null: that of the venue. */
  readonly timeZone: string | null;
  readonly tags: readonly string[];
  /** Counts the changes of what it is. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly removedAt: Date | null;
}

export type DeviceKind = (typeof DEVICE_KINDS)[number];

const DEVICE_KINDS = ['SCREEN', 'LAB_BOARD', 'GATE', 'SENSOR'] as const;

export const isDeviceKind = (text: string): text is DeviceKind => DEVICE_KINDS.some((kind) => kind === text);

/** A device that was removed signs in no more; what it did remains. */
export type DeviceStatus = 'ACTIVE' | 'REMOVED';

export type DeviceParticulars = Pick<Device, 'deviceNumber' | 'kind' | 'name' | 'serialNumber'>;

/** A pairing code as it is shown once, and what is kept of it. */
export interface NewPairingCode {
  readonly pairingCode: string;
  readonly hash: Buffer;
}

const DEVICE_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
const SERIAL_NUMBER = /^[!-~]{1,64}$/;

export const isDeviceNumber = (text: string): boolean => DEVICE_NUMBER.test(text);

/** Crockford's base 32: nothing in it is read as something else. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 25;
const CODE = /^[0-9A-HJKMNP-TV-Z]{25}$/;
/** Far longer than a code written with hyphens. */
const MAX_CODE_TEXT = 64;

/** Its name trimmed. @throws ValidationError */
export function parseDevice(input: DeviceParticulars): DeviceParticulars {
  const name = parseName(input.name);
  if (!isDeviceNumber(input.deviceNumber))
    throw new ValidationError('deviceNumber takes 1 to 32 letters, digits, dots, hyphens and underscores.', {
      field: 'deviceNumber',
    });
  if (!SERIAL_NUMBER.test(input.serialNumber))
    throw new ValidationError('serialNumber takes 1 to 64 printable ASCII characters without blanks.', {
      field: 'serialNumber',
    });
  return { ...input, name };
}

/** 125 random bits, to be typed in by a person: `7K3QM-0ZT9R-…`, five groups of five. */
export function makePairingCode(): NewPairingCode {
  const symbols = [...randomBytes(CODE_LENGTH)].map((byte) => SYMBOLS.charAt(byte % SYMBOLS.length));
  const code = symbols.join('');
  return { pairingCode: code.replace(/(.{5})(?=.)/g, '$1-'), hash: hashOf(code) };
}

/**
 * The SHA-256 to compare a code by, in whatever case and with or without hyphens it was typed; null
 * for what was never given out as one. No salt is needed to keep a hash of 125 random bits from being undone.
 */
export function pairingCodeHash(text: string): Buffer | null {
  if (text.length > MAX_CODE_TEXT) return null;
  const code = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return CODE.test(code) ? hashOf(code) : null;
}

const hashOf = (code: string): Buffer => createHash('sha256').update(code).digest();
