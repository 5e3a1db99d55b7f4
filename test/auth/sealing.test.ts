import { expect, test } from 'vitest';
import { KeyDecryptionError } from '../../src/auth/errors.ts';
import { createSealer } from '../../src/auth/sealing.ts';

const SECRET_KEY = 'vGk0cMPTnGmXpn4cuVQjTLJ6bBlQ9vFq';
const secret = Buffer.from('what nobody may read');

test('what is sealed opens again, after a restart too', () => {
  const sealed = createSealer({ secretKey: SECRET_KEY }, 'signing-key').seal(secret, 'k1');
  expect(createSealer({ secretKey: SECRET_KEY }, 'signing-key').open(sealed, 'k1')).toEqual(secret);
  expect(sealed.includes(secret)).toBe(false);
});

test('the same secret sealed twice looks different', () => {
  const sealer = createSealer({ secretKey: SECRET_KEY }, 'signing-key');
  expect(sealer.seal(secret, 'k1')).not.toEqual(sealer.seal(secret, 'k1'));
});

test('another SECRET_KEY, another purpose and another owner open nothing', () => {
  const sealed = createSealer({ secretKey: SECRET_KEY }, 'signing-key').seal(secret, 'k1');
  expect(() => createSealer({ secretKey: `${SECRET_KEY}x` }, 'signing-key').open(sealed, 'k1')).toThrow(
    KeyDecryptionError,
  );
  expect(() => createSealer({ secretKey: SECRET_KEY }, 'second-factor').open(sealed, 'k1')).toThrow(
    KeyDecryptionError,
  );
  expect(() => createSealer({ secretKey: SECRET_KEY }, 'signing-key').open(sealed, 'k2')).toThrow(
    KeyDecryptionError,
  );
});

test('a changed bit anywhere and a cut anywhere are noticed', () => {
  const sealer = createSealer({ secretKey: SECRET_KEY }, 'signing-key');
  const sealed = sealer.seal(secret, 'k1');
  for (let at = 0; at < sealed.length; at += 1) {
    const damaged = Buffer.from(sealed);
    damaged.writeUInt8(sealed.readUInt8(at) ^ 1, at);
    expect(() => sealer.open(damaged, 'k1')).toThrow(KeyDecryptionError);
    expect(() => sealer.open(sealed.subarray(0, at), 'k1')).toThrow(KeyDecryptionError);
  }
});
