import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { makeFolder } from '../lib/folder.ts';
import { MailNotTakenError, type MailTransport, type Message } from './mail.ts';

/** Well below the pause after a try. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 10_000;

/**
 * By SMTP.
 *
 * @param url `smtps://user:password@host`, or `smtp://…`, which is encrypted when the server offers it
 * and always with `?requireTLS=true`
 */
export function smtpTransport({ url, from }: { readonly url: string; readonly from: string }): MailTransport {
  const mailer = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(id, message) {
      try {
        await mailer.sendMail(asMail(id, from, message));
      } catch (error) {
        throw notTaken(error);
      }
    },
  };
}

/**
 * As files for trying things out: one `.eml` for each mail, for the owner of the process alone. They
 * hold live secrets and stay until somebody deletes them. Names are the ids of the mails, in order of time.
 */
export function fileTransport({
  folder,
  from,
}: {
  readonly folder: string;
  readonly from: string;
}): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return {
    async send(id, message) {
      const { message: text } = await composer.sendMail(asMail(id, from, message));
      if (!Buffer.isBuffer(text)) throw new Error('the mail was not composed as a whole');
      await makeFolder(folder, 0o700);
      await chmod(folder, 0o700);
      const file = join(folder, `${id}.eml`);
      await writeFile(`${file}.part`, text, { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
  };
}

const asMail = (id: string, from: string, { to, subject, text }: Message): SendMailOptions => ({
  from,
  // One mailbox, whatever its text looks like.
  to: { name: '', address: to },
  subject,
  text,
  // The same for every try, so that a mail that comes twice can be known.
  messageId: `<${id}@floorwire>`,
  headers: { 'Auto-Submitted': 'auto-generated' },
});

/** What went wrong by its codes; what servers write may repeat the address. */
function notTaken(error: unknown): MailNotTakenError {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const isFinal = code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500;
  const reason = [code, responseCode].filter((part) => part !== undefined).join(' ');
  return new MailNotTakenError(reason || 'unknown reason', { isFinal });
}
