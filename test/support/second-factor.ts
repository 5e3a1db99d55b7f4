import { Secret, TOTP } from 'otpauth';

/** How long an app shows one code. */
export const STEP_MS = 30_000;

/** What an authenticator app with this secret (base32) shows at a time, by default now. */
export const appCode = (secret: string, at = Date.now()): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });

/** Six digits it does not show within a minute of a time. */
export function wrongCode(secret: string, at = Date.now()): string {
  const shown = [-2, -1, 0, 1, 2].map((steps) => appCode(secret, at + steps * STEP_MS));
  const wrong = ['000000', '111111', '222222', '333333', '444444', '555555'].find(
    (each) => !shown.includes(each),
  );
  return wrong ?? 'there are six of them and five are shown';
}
