import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** As every authenticator app has it (RFC 6238): SHA-1, six digits, a new code every thirty seconds. */
const TERMS = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** As long as the digest it is used with (RFC 4226, 4). */
const SECRET_BYTES = 20;
/** Codes of one step before and after are taken too: the clock of a phone differs. */
const WINDOW = 1;
const CODE = /^[0-9]{6}$/;

export const makeTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

/** The secret as it is typed into an app. */
export const base32Of = (secret: Uint8Array): string => secretOf(secret).base32;

/** What an app reads from a QR code: `otpauth://totp/…`. */
export function totpUri(
  secret: Uint8Array,
  { issuer, account }: { readonly issuer: string; readonly account: string },
): string {
  // A colon would end the issuer.
  const name = issuer.replaceAll(':', ' ');
  return new TOTP({ ...TERMS, secret: secretOf(secret), issuer: name, label: account }).toString();
}

/** Whose thirty seconds, counted from 1970, the code is of; null when it is of none near `now`. */
export function stepOfCode(code: string, secret: Uint8Array, now: Date): number | null {
  if (!CODE.test(code)) return null;
  const timestamp = now.getTime();
  const delta = TOTP.validate({
    ...TERMS,
    token: code,
    secret: secretOf(secret),
    timestamp,
    window: WINDOW,
  });
  return delta === null ? null : TOTP.counter({ period: TERMS.period, timestamp }) + delta;
}

const secretOf = (secret: Uint8Array): Secret => Secret.fromHex(Buffer.from(secret).toString('hex'));
