import { createHash } from 'node:crypto';

/** How long what stands for a right password awaits the second factor. */
export const CHALLENGE_SECONDS = 5 * 60;
export const CHALLENGE_TRIES = 5;

/** What binds a challenge to the password that was right. */
export const digestOf = (passwordHash: string): Buffer => createHash('sha256').update(passwordHash).digest();
