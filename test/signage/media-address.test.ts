import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { createMediaAddresses, type MediaAddress } from '../../src/signage/media-address.ts';

const HOUR_MS = 3_600_000;
const NOON = new Date('2026-03-01T12:00:00Z');
const after = (hours: number) => new Date(NOON.getTime() + hours * HOUR_MS);
const secretKey = 'a'.repeat(32);
const addresses = createMediaAddresses({ secretKey });
const media = { id: newId(), revision: 3 };

function addressAt(path: string): MediaAddress {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  const [, , mediaId = '', revision] = pathname.split('/');
  const expires = Number(searchParams.get('expires'));
  return { mediaId, revision: Number(revision), expires, signature: searchParams.get('signature') ?? '' };
}
const given = addressAt(addresses.pathOf(media, NOON));

test('an address is the same for half a day, and lasts between half a day and a whole one', () => {
  expect(addresses.pathOf(media, after(11))).toBe(addresses.pathOf(media, NOON));
  expect(addresses.pathOf(media, after(12))).not.toBe(addresses.pathOf(media, NOON));
  for (const hours of [0, 12, 23.9]) expect(addresses.accepts(given, after(hours))).toBe(true);
  expect(addresses.accepts(given, after(24))).toBe(false);
  expect(addresses.accepts(addressAt(addresses.pathOf(media, after(11.9))), after(23.8))).toBe(true);
});

test.each([
  ['another medium', { ...given, mediaId: newId() }],
  ['another revision', { ...given, revision: 4 }],
  ['a later end', { ...given, expires: given.expires + 1 }],
  ['no signature', { ...given, signature: '' }],
  [
    'another signature',
    { ...given, signature: given.signature.replace(/^./, (sign) => (sign === 'A' ? 'B' : 'A')) },
  ],
])('an address with %s was never given out', (_what, address) => {
  expect(addresses.accepts(address, NOON)).toBe(false);
});

test('an address lives as long as the key it was signed with', () => {
  const moved = createMediaAddresses({ secretKey: 'b'.repeat(32), secretKeyOld: secretKey });
  expect(moved.accepts(given, NOON)).toBe(true);
  expect(moved.pathOf(media, NOON)).not.toBe(addresses.pathOf(media, NOON));
  expect(createMediaAddresses({ secretKey: 'b'.repeat(32) }).accepts(given, NOON)).toBe(false);
});
