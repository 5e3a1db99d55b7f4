import { opaqueTokenHash } from './opaque-token.ts';

/** What a token that was sent by mail is good for. */
export type TokenPurpose = 'VERIFY_EMAIL' | 'RESET_PASSWORD' | 'CHANGE_EMAIL';

const HOUR_SECONDS = 60 * 60;

export const TOKEN_SECONDS: Readonly<Record<TokenPurpose, number>> = {
  VERIFY_EMAIL: 24 * HOUR_SECONDS,
  RESET_PASSWORD: HOUR_SECONDS,
  CHANGE_EMAIL: 24 * HOUR_SECONDS,
};

/** How many mails of one purpose an account causes within an hour, whoever asks for them. */
export const MAILS_PER_HOUR = 3;

/** The SHA-256 to look a token up by, null for what was never given out as one. Blanks of a copied text do not count. */
export const accountTokenHash = (text: string): Buffer | null => opaqueTokenHash(text.trim());
