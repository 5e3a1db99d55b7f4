import type { DeviceKind } from '../auth/device.ts';
import type { Actor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import type { StoredFile } from './stored-file.ts';

/** A file for devices to run. It never changes. */
export interface Firmware {
  readonly id: string;
  readonly venueId: string;
  readonly name: string;
  /** What devices that run it report. */
  readonly version: string;
  readonly deviceKind: DeviceKind;
  /** The one device it is for; null: any of its kind. */
  readonly deviceId: string | null;
  readonly notes: string | null;
  readonly file: StoredFile;
  readonly uploadedAt: Date;
  readonly uploadedBy: { readonly kind: Actor['kind']; readonly id: string | null };
}

const VERSION = /^[!-~]{1,64}$/;
const MAX_NOTES = 2_000;

/** In the form in which devices report what they run. @throws ValidationError */
export function parseVersion(text: string): string {
  if (!VERSION.test(text))
    throw new ValidationError('version takes 1 to 64 printable ASCII characters without blanks.', {
      field: 'version',
    });
  return text;
}

/** @throws ValidationError */
export function parseNotes(text: string | null): string | null {
  const notes = text?.trim().normalize('NFC') ?? '';
  if (notes.length > MAX_NOTES)
    throw new ValidationError(`notes has at most ${MAX_NOTES} characters.`, { field: 'notes' });
  if (/[^\P{Cc}\n\t]/u.test(notes) || /\p{Cs}/u.test(notes))
    throw new ValidationError('notes has no control characters.', { field: 'notes' });
  return notes === '' ? null : notes;
}
