import { createHash, randomBytes } from 'node:crypto';

/** What a token that was sent by mail is good for. */
export type TokenPurpose = 'VERIFY_EMAIL' | 'RESET_PASSWORD' | 'CHANGE_EMAIL';

/** A token as it stands in a mail, and what is kept of it. */
export interface NewAccountToken {
  readonly token: string;
  readonly hash: Buffer;
}

const HOUR_SECONDS = 60 * 60;

export const TOKEN_SECONDS: Readonly<Record<TokenPurpose, number>> = {
  VERIFY_EMAIL: 24 * HOUR_SECONDS,
  RESET_PASSWORD: HOUR_SECONDS,
  CHANGE_EMAIL: 24 * HOUR_SECONDS,
};

/** How many mails of one purpose an account causes within an hour, whoever asks for them. */
export const MAILS_PER_HOUR = 3;

const BYTES = 32;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits in base64url: its hash needs no salt. */
export function makeAccountToken(): NewAccountToken {
  const token = randomBytes(BYTES).toString('base64url');
  return { token, hash: sha256(token) };
}

/** The SHA-256 to look a token up by, null for what was never given out as one. Blanks of a copied text do not count. */
export function accountTokenHash(text: string): Buffer | null {
  const token = text.trim();
  return SHAPE.test(token) ? sha256(token) : null;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
