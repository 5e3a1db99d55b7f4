export interface LinkedIdentityTable {
  id: string;
  user_id: string;
  provider: 'GOOGLE' | 'GITHUB';
  /** Who gave the subject its name. */
  issuer: string;
  subject: string;
  /** As the provider said last. */
  email: string | null;
  linked_at: Date;
  last_used_at: Date;
}

export interface OAuthStateTable {
  /** SHA-256 of the state. */
  state_hash: Buffer;
  /** Null: the home of whoever it turns out to be. */
  venue_id: string | null;
  provider: 'GOOGLE' | 'GITHUB';
  redirect_uri: string;
  /** SHA-256 of the verifier. */
  verifier_hash: Buffer;
  /** Who links, in which session; null for a sign-in. */
  user_id: string | null;
  session_id: string | null;
  created_at: Date;
  expires_at: Date;
}
