import { createHash, randomBytes } from 'node:crypto';

/** What stands for a right password until the second factor is shown. */
export interface NewChallenge {
  readonly challenge: string;
  readonly hash: Buffer;
}

export const CHALLENGE_SECONDS = 5 * 60;
export const CHALLENGE_TRIES = 5;

const BYTES = 32;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

export function makeChallenge(): NewChallenge {
  const challenge = randomBytes(BYTES).toString('base64url');
  return { challenge, hash: sha256(challenge) };
}

/** The SHA-256 to look a challenge up by, null for what was never given out as one. */
export const challengeHash = (text: string): Buffer | null => (SHAPE.test(text) ? sha256(text) : null);

/** What binds a challenge to the password that was right. */
export const digestOf = (passwordHash: string): Buffer => sha256(passwordHash);

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
