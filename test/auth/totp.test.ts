import { expect, test } from 'vitest';
import { makeRecoveryCodes, recoveryCodeHash } from '../../src/auth/recovery-code.ts';
import { restOf } from '../../src/auth/second-factor.ts';
import { base32Of, makeTotpSecret, stepOfCode, totpUri } from '../../src/auth/totp.ts';

/** RFC 6238, appendix B: the last six of its eight digits. */
const RFC_SECRET = Buffer.from('12345678901234567890');

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
])('at second %d the code is %s', (second, code) => {
  const at = (seconds: number) => new Date(seconds * 1_000);
  const step = Math.floor(second / 30);
  expect(stepOfCode(code, RFC_SECRET, at(second))).toBe(step);
  expect(stepOfCode(code, RFC_SECRET, at(second + 30))).toBe(step);
  expect(stepOfCode(code, RFC_SECRET, at(second - 30))).toBe(step);
  expect(stepOfCode(code, RFC_SECRET, at(second + 60))).toBeNull();
  expect(stepOfCode(code, RFC_SECRET, at(second - 60))).toBeNull();
});

test.each(['', '28708', '2870820', '28708２', '-87082', '2.7e82', ' 287082'])('%j is no code', (code) => {
  expect(stepOfCode(code, RFC_SECRET, new Date(59_000))).toBeNull();
});

test('a secret is 160 bits, another each time, and reads in apps', () => {
  const [one, other] = [makeTotpSecret(), makeTotpSecret()];
  expect(one).toHaveLength(20);
  expect(one).not.toEqual(other);
  const uri = new URL(totpUri(one, { issuer: 'Casino: Wien', account: 'rosa+1@example.com' }));
  expect(uri.host).toBe('totp');
  expect(decodeURIComponent(uri.pathname)).toBe('/Casino  Wien:rosa+1@example.com');
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: 'Casino  Wien',
    secret: base32Of(one),
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

test('recovery codes are ten, of eighty bits, and read however they are typed', () => {
  const codes = makeRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(recoveryCodeHash(typed)).toEqual(recoveryCodeHash(code));
  }
  for (const text of ['', '123456', 'U'.repeat(16), 'A'.repeat(17)])
    expect(recoveryCodeHash(text)).toBeNull();
});

test.each([
  [4, 0],
  [5, 15],
  [6, 30],
  [10, 480],
  [12, 1_440],
  [1_000, 1_440],
])('after %d wrong codes in a row none is looked at for %d minutes', (failures, minutes) => {
  const failedAt = new Date('2026-01-31T12:00:00Z');
  const factor = { secretEncrypted: RFC_SECRET, enabledAt: failedAt, lastStep: 1, failures, failedAt };
  expect(restOf(factor, failedAt)).toBe(minutes * 60_000);
  expect(restOf(factor, new Date(failedAt.getTime() + minutes * 60_000))).toBe(0);
});
