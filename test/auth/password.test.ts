import { expect, test } from 'vitest';
import { isCommonPassword } from '../../src/auth/common-passwords.ts';
import { WeakPasswordError } from '../../src/auth/errors.ts';
import { leakedPasswords } from '../../src/auth/leaked-passwords.ts';
import {
  DEFAULT_PASSWORD_POLICY,
  normalizePassword,
  type PasswordRule,
  parseNewPassword,
  passwordPolicy,
} from '../../src/auth/password.ts';

const OWNER = { email: 'rosa.luxor@example.com', username: 'nightshift' };

function failedRules(
  password: string,
  owner: { email: string; username?: string } = OWNER,
): readonly PasswordRule[] {
  try {
    parseNewPassword(password, owner, DEFAULT_PASSWORD_POLICY);
  } catch (error) {
    if (error instanceof WeakPasswordError) return error.failedRules;
    throw error;
  }
  return [];
}

test.each([
  'kqzvtplwmxra',
  'a tractor hums at noon',
  '839201748352',
  'großmutters rotes fahrrad',
  'correct-hirse-battery-stapel',
  'ein Löwe zählt 17 Nüsse',
  '密码不是单词就是一整句话',
])('%j is a password', (password) => {
  expect(failedRules(password)).toEqual([]);
});

test.each([
  ['short', 'Choose a password of at least 12 characters.'],
  ['password1234', 'Choose a password that nobody hits on: this one is among the first that are tried.'],
  ['my name is nightshift', 'Choose a password without your name or e-mail address.'],
  ['the one I have now', 'Choose another password than the one you have.'],
])('%j is refused in words that say what to choose', (password, words) => {
  const owner = { ...OWNER, currentPassword: 'the one I have now' };
  expect(() => parseNewPassword(password, owner, DEFAULT_PASSWORD_POLICY)).toThrow(words);
});

test.each<[string, readonly PasswordRule[]]>([
  ['kqzvtplwmxr', ['TOO_SHORT']],
  ['🂡🂢🂣🂤🂥🂦🂧🂨🂩🂪🂫', ['TOO_SHORT']],
  ['', ['TOO_SHORT']],
  ['x1'.repeat(200), ['TOO_LONG']],
  ['password', ['TOO_SHORT', 'COMMON']],
  ['nightshift blues', ['CONTAINS_IDENTITY']],
  ['NightShift blues', ['CONTAINS_IDENTITY']],
  ['i am Rosa.Luxor!', ['CONTAINS_IDENTITY']],
  ['rosa.luxor@example.com', ['CONTAINS_IDENTITY']],
])('%j fails by %j', (password, rules) => {
  expect(failedRules(password)).toEqual(rules);
});

test.each([
  'password1234',
  'Password2026!',
  'P@ssw0rd1234',
  'pass word 2026',
  'passwordpassword',
  'welcome-welcome',
  'Adm1n1str@tor',
  'letmeinletmein',
  'iloveyou1234',
  'qwertyuiop12',
  'qwertz123456',
  '123456789012',
  '0987654321098',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'abcdefghijkl',
  'zyxwvutsrqpo',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  'ha!ha!ha!ha!h',
  'CasinoJackpot777',
  'floorwire2026',
  'correcthorsebatterystaple',
  'changemenow!!',
])('%j is too common', (password) => {
  expect(failedRules(password)).toContain('COMMON');
});

test.each([
  'mailcreated5240',
  'MailCreated5240',
  'sojdlg123aljg',
  'chickenwing101',
  'SonyEricsson2027',
  '$onyEric$$0n-1999',
  'contortionist!',
  '##justinbieber##',
  '\uff53ojdlg123aljg',
])('%j leaked, or is little more than what did', (password) => {
  expect(failedRules(password)).toEqual(['COMMON']);
});

test.each(['trout-839201748352', 'K1-94-sonia-27-65-30-18', 'sonyericsson is a harp'])(
  '%j has enough besides a leaked password to be one',
  (password) => {
    expect(failedRules(password)).toEqual([]);
  },
);

test('every leaked password is too common, however it is written', () => {
  expect(leakedPasswords().size).toBeGreaterThan(40_000);
  const passed = [...leakedPasswords()].filter((password) => !isCommonPassword(password.toUpperCase()));
  expect(passed).toEqual([]);
});

test('a short username may occur in a password by chance', () => {
  expect(failedRules('bobbing for pears', { email: 'x@example.com', username: 'bob' })).toEqual([]);
});

test('a password of 256 characters is accepted and one of 257 is not', () => {
  const sentence = 'the quick fox reads an old newspaper under a lamp; '.repeat(6);
  expect(failedRules(`#${sentence}`.slice(0, 256))).toEqual([]);
  expect(failedRules(`#${sentence}`.slice(0, 257))).toEqual(['TOO_LONG']);
});

test('the same password typed on two keyboards is the same text', () => {
  expect(normalizePassword('Zu\u0308rich am See')).toBe(normalizePassword('Z\u00fcrich am See'));
  expect(normalizePassword('\uff50\uff41\uff53\uff53')).toBe('pass');
});

test('a text that grows eighteen-fold in normal form is refused by its grown length', () => {
  expect(normalizePassword('\ufdfa'.repeat(14))).toHaveLength(252);
  expect(normalizePassword('\ufdfa'.repeat(15))).toBeNull();
});

test('the refusal says how long a password has to be and never repeats it', () => {
  const attempt = () => parseNewPassword('hunter2', OWNER, DEFAULT_PASSWORD_POLICY);
  expect(attempt).toThrow(expect.objectContaining({ code: 'AUTH_011', minLength: 12 }));
  expect(attempt).not.toThrow(/hunter2/);
});

test.each([
  ['default', 6, false, 6],
  ['default', 20, true, 20],
  ['nist', 6, true, 6],
  ['nist', 6, false, 15],
  ['nist', 12, false, 15],
  ['nist', 20, false, 20],
] as const)(
  'under %s with a floor of %d and a second factor %s, a password has %d characters',
  (kind, minLength, hasSecondFactor, floor) => {
    const parse = (password: string) =>
      parseNewPassword(password, { ...OWNER, hasSecondFactor }, passwordPolicy(kind, minLength));
    const password = 'kqzvtplwmxrajhdbsgfy'.slice(0, floor);
    expect(parse(password)).toBe(password);
    expect(() => parse(password.slice(1))).toThrow(
      expect.objectContaining({ failedRules: ['TOO_SHORT'], minLength: floor }),
    );
  },
);
