import type { Generated } from 'kysely';

export interface MailOutboxTable {
  id: string;
  venue_id: string;
  /** Whose mail it is; it goes when his account does. */
  user_id: string | null;
  /** What the mail is for, e.g. `RESET_PASSWORD`. */
  kind: string;
  /** Recipient, subject and text, sealed and bound to `id`. */
  message_encrypted: Buffer;
  created_at: Date;
  /** When it is no use any more. */
  expires_at: Date;
  tries: Generated<number>;
  next_try_at: Date;
}
