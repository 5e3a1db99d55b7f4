/** What a mail says, and to whom. Plain text. */
export interface Message {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** A mail as a domain leaves it. */
export interface NewMail {
  readonly venueId: string;
  /** Whose it is: it is dropped when his account is deleted. Null for nobody's. */
  readonly userId: string | null;
  /** What it is for, in the words of the domain: `RESET_PASSWORD`. Not secret. */
  readonly kind: string;
  readonly message: Message;
  /** When it is no use any more; it is not sent after that. */
  readonly expiresAt: Date;
}

/** A mail on its way. */
export interface OutgoingMail {
  readonly id: string;
  readonly kind: string;
  /** Sealed and bound to `id`. */
  readonly sealed: Buffer;
}

/** Keeps what the outbox holds from whoever reads the database. */
export interface MailSealer {
  seal(secret: Uint8Array, boundTo: string): Buffer;
  open(sealed: Uint8Array, boundTo: string): Buffer;
}

/** Takes mail out of the house. */
export interface MailTransport {
  /**
   * Hands a mail over; its id comes again when it is sent a second time.
   *
   * @throws MailNotTakenError
   */
  send(id: string, message: Message): Promise<void>;
}

/** A mail was not taken. Without the address or the words of the server, which may repeat it. */
export class MailNotTakenError extends Error {
  override readonly name = 'MailNotTakenError';
  /** Whether another try is no use: the server will never take mail for this address. */
  readonly isFinal: boolean;
  constructor(reason: string, { isFinal }: { readonly isFinal: boolean }) {
    super(`mail was not taken: ${reason}`);
    this.isFinal = isFinal;
  }
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * How long after a try the next one comes, when nothing is heard of it: a minute, then double each
 * time, an hour at most. Longer than any try takes, so that no two run at once.
 */
export const pauseAfter = (tries: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, tries - 1), LONGEST_PAUSE_MS);
