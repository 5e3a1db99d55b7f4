import { system } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { RunWork, Work } from '../work.ts';
import {
  MailNotTakenError,
  type MailSealer,
  type MailTransport,
  type Message,
  type NewMail,
} from './mail.ts';
import { claimMail, deleteExpiredMail, deleteMail, insertMail } from './mail-store.ts';

/** Where domains leave mail. */
export interface Mailroom {
  /** Whether any mail leaves this installation. */
  readonly isOpen: boolean;
  /** Leaves a mail that goes out once the Work has committed, at least once. @throws when it is not open */
  post(work: Work, mail: NewMail): Promise<void>;
  /** Looks for mail now and not at the next round: for after a commit. */
  wake(): void;
}

/** For an installation without a mail server. */
export const CLOSED_MAILROOM: Mailroom = {
  isOpen: false,
  async post() {
    throw new Error('no mail leaves this installation');
  },
  wake() {},
};

export interface MailroomOptions {
  readonly runWork: RunWork;
  readonly sealer: MailSealer;
  readonly transport: MailTransport;
  /** Told of every mail that was not taken, without its address. */
  readonly onError: (error: unknown) => void;
}

const IDLE_MS = 5_000;
const MAIL = system('mail');

/**
 * Sends what was posted, one mail after the other, in this process. A mail is claimed in one Work, sent
 * outside of any, and deleted in another: one that was sent when the process died is sent again.
 */
export function startMailroom({
  runWork,
  sealer,
  transport,
  onError,
}: MailroomOptions): Mailroom & AsyncDisposable {
  async function sendOne(): Promise<'idle' | 'again'> {
    const mail = await runWork(MAIL, ({ tx, now }) => claimMail(tx, now));
    if (!mail) {
      const dropped = await runWork(MAIL, ({ tx, now }) => deleteExpiredMail(tx, now));
      if (dropped > 0) onError(new Error(`${dropped} mails were not taken in time and were dropped`));
      return 'idle';
    }
    try {
      const message = JSON.parse(sealer.open(mail.sealed, mail.id).toString('utf8')) as Message;
      await transport.send(mail.id, message);
    } catch (error) {
      onError(error);
      if (!(error instanceof MailNotTakenError && error.isFinal)) return 'again';
    }
    await runWork(MAIL, ({ tx }) => deleteMail(tx, mail.id));
    return 'again';
  }

  const delivery = startWakeable({ idleMs: IDLE_MS, onError, run: sendOne });
  return {
    isOpen: true,
    async post(work, { venueId, userId, kind, message, expiresAt }) {
      const id = newId();
      const sealed = sealer.seal(Buffer.from(JSON.stringify(message)), id);
      await insertMail(work.tx, { id, venueId, userId, kind, sealed, createdAt: work.now, expiresAt });
    },
    wake: delivery.wake,
    [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
  };
}
