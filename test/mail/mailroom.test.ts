import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSealer } from '../../src/auth/sealing.ts';
import { system } from '../../src/lib/actor.ts';
import { MailNotTakenError, type MailTransport, pauseAfter } from '../../src/mail/mail.ts';
import { CLOSED_MAILROOM, startMailroom } from '../../src/mail/mailroom.ts';
import { fileTransport, smtpTransport } from '../../src/mail/transport.ts';
import { createRunWork } from '../../src/work.ts';
import { SECRET_KEY } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aMailServer } from '../support/mail-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { floor } = await cloneDatabase();
let shiftMs = 0;
const runWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);
const sealer = createSealer({ secretKey: SECRET_KEY }, 'mail');
const FROM = 'Floor <floor@casino.example>';
const TEST = system('test');

const rows = () => floor.db.selectFrom('mail_outbox').selectAll().execute();

/** A mailroom with one mail in it, from before it opened. */
async function aMailroom(transport: MailTransport, { lastsMs = 3_600_000 } = {}) {
  const errors: unknown[] = [];
  await floor.db.deleteFrom('mail_outbox').execute();
  const start = () => startMailroom({ runWork, sealer, transport, onError: (error) => errors.push(error) });
  const closed = start();
  await closed[Symbol.asyncDispose]();
  await runWork(TEST, (work) =>
    closed.post(work, {
      venueId,
      userId: null,
      kind: 'RESET_PASSWORD',
      message: { to: 'rosa@example.com', subject: 'Grüße', text: 'the-token-of-rosa\n' },
      expiresAt: new Date(work.now.getTime() + lastsMs),
    }),
  );
  return { errors, start };
}

test('a mail of what did not commit is not sent', async () => {
  const sent: string[] = [];
  const { start } = await aMailroom({ send: async (_, { to }) => void sent.push(to) });
  const mailroom = start();
  const attempt = runWork(TEST, async (work) => {
    const message = { to: 'nobody@example.com', subject: 's', text: 't' };
    await mailroom.post(work, {
      venueId,
      userId: null,
      kind: 'TEST',
      message,
      expiresAt: new Date(Date.now() + 60_000),
    });
    throw new Error('rolled back');
  });
  await expect(attempt).rejects.toThrow('rolled back');
  mailroom.wake();
  await eventually(async () => (await rows()).length === 0);
  expect(sent).toEqual(['rosa@example.com']);
  await mailroom[Symbol.asyncDispose]();
});

test('what waits in the database shows neither address nor token', async () => {
  await aMailroom({ send: async () => {} });
  const [row] = await rows();
  const text = `${JSON.stringify(row)} ${row?.message_encrypted.toString('latin1')}`;
  expect(row).toMatchObject({ kind: 'RESET_PASSWORD', venue_id: venueId });
  expect(text).not.toMatch(/rosa|the-token|Gr/);
  expect(() => sealer.open(row?.message_encrypted ?? Buffer.alloc(0), 'another id')).toThrow();
});

test('by SMTP a mail arrives whole, once, from whom it should be', async () => {
  const server = await aMailServer();
  const { start } = await aMailroom(smtpTransport({ url: server.url, from: FROM }));
  const mailroom = start();
  const [text = ''] = await eventually(() => server.messages.length > 0 && server.messages);
  expect(server.recipients).toEqual(['rosa@example.com']);
  expect(text).toMatch(/^From: Floor <floor@casino\.example>\r$/m);
  expect(text).toMatch(/^To: rosa@example\.com\r$/m);
  expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(text).toContain('the-token-of-rosa');
  await eventually(async () => (await rows()).length === 0);
  expect(server.messages).toHaveLength(1);
  await mailroom[Symbol.asyncDispose]();
});

test('a server that is away or busy is tried again after a pause, and then it arrives', async () => {
  const server = await aMailServer();
  server.refuse('451 4.3.0 not now, rosa@example.com');
  const { errors, start } = await aMailroom(smtpTransport({ url: server.url, from: FROM }));
  const first = start();
  await eventually(() => errors.length > 0);
  await first[Symbol.asyncDispose]();
  expect(errors).toEqual([expect.any(MailNotTakenError)]);
  expect(String(errors[0])).toMatch(/^MailNotTakenError: mail was not taken: EENVELOPE 451$/);
  expect(await rows()).toMatchObject([{ tries: 1 }]);

  server.refuse(null);
  const early = start();
  await early[Symbol.asyncDispose]();
  expect(server.messages).toEqual([]);
  shiftMs = pauseAfter(1) + 1_000;
  const later = start();
  await eventually(() => server.messages.length > 0);
  await later[Symbol.asyncDispose]();
  shiftMs = 0;
  expect(await rows()).toEqual([]);
});

test('an address that a server refuses for good is not tried again', async () => {
  const server = await aMailServer();
  server.refuse('550 5.1.1 no such user: rosa@example.com');
  const { errors, start } = await aMailroom(smtpTransport({ url: server.url, from: FROM }));
  const mailroom = start();
  await eventually(async () => (await rows()).length === 0);
  await mailroom[Symbol.asyncDispose]();
  expect(errors.map(String)).toEqual(['MailNotTakenError: mail was not taken: EENVELOPE 550']);
  expect(server.messages).toEqual([]);
});

test('of two mailrooms on one outbox, one sends a mail', async () => {
  const sent: string[] = [];
  const { start } = await aMailroom({
    async send(id) {
      sent.push(id);
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  const mailrooms = [start(), start(), start()];
  await eventually(async () => (await rows()).length === 0);
  for (const mailroom of mailrooms) await mailroom[Symbol.asyncDispose]();
  expect(sent).toHaveLength(1);
});

test('a mail that went out when the process died goes out again under the same id', async () => {
  const sent: string[] = [];
  const { start } = await aMailroom({
    async send(id) {
      sent.push(id);
      if (sent.length === 1) throw new Error('died before it could say so');
    },
  });
  const first = start();
  await eventually(() => sent.length === 1);
  await first[Symbol.asyncDispose]();
  shiftMs = pauseAfter(1) + 1_000;
  const second = start();
  await eventually(() => sent.length === 2);
  await second[Symbol.asyncDispose]();
  shiftMs = 0;
  expect(sent[1]).toBe(sent[0]);
});

test('a mail past its time is dropped unsent, and told', async () => {
  const sent: string[] = [];
  const { errors, start } = await aMailroom({ send: async (id) => void sent.push(id) }, { lastsMs: 1_000 });
  shiftMs = 2_000;
  const mailroom = start();
  await eventually(async () => (await rows()).length === 0);
  await mailroom[Symbol.asyncDispose]();
  shiftMs = 0;
  expect(sent).toEqual([]);
  expect(errors.map(String)).toEqual(['Error: 1 mails were not taken in time and were dropped']);
});

test('pauses grow from a minute to an hour', () => {
  expect([1, 2, 3, 7, 100].map(pauseAfter)).toEqual([60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
});

test('files are for their owner alone, and their names say nothing', async () => {
  const folder = join(await temporaryFolder(), 'mail');
  const { start } = await aMailroom(fileTransport({ folder, from: FROM }));
  const mailroom = start();
  await eventually(async () => (await rows()).length === 0);
  await mailroom[Symbol.asyncDispose]();
  const names = await readdir(folder);
  expect(names).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.eml$/)]);
  const file = join(folder, names[0] ?? '');
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toMatch(/^To: rosa@example\.com$[\s\S]*the-token-of-rosa/m);
});

test('where no mail leaves, none can be left', async () => {
  expect(CLOSED_MAILROOM.isOpen).toBe(false);
  await expect(runWork(TEST, (work) => CLOSED_MAILROOM.post(work, {} as never))).rejects.toThrow(
    'no mail leaves',
  );
});
