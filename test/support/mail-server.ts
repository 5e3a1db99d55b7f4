import { createServer, type Socket } from 'node:net';
import { afterAll } from 'vitest';

/** A mail server on loopback that takes what it is told, and keeps it. */
export interface MailServer {
  readonly url: string;
  /** Whole messages, headers and all, the oldest first. */
  readonly messages: readonly string[];
  /** What it answers to a recipient from now on; null lets it take mail. */
  refuse(answer: string | null): void;
  /** How many times it was asked to take a mail. */
  readonly recipients: readonly string[];
}

export async function aMailServer(): Promise<MailServer> {
  const messages: string[] = [];
  const recipients: string[] = [];
  let refusal: string | null = null;

  function serve(socket: Socket): void {
    let buffer = '';
    let isData = false;
    socket.on('error', () => {});
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (;;) {
        const end = buffer.indexOf(isData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + (isData ? 5 : 2));
        if (isData) messages.push(line);
        socket.write(answer(line));
      }
    });

    function answer(line: string): string {
      if (isData) {
        isData = false;
        return '250 kept\r\n';
      }
      const recipient = /^RCPT TO:<(.*)>/i.exec(line)?.[1];
      if (recipient !== undefined) {
        recipients.push(recipient);
        return `${refusal ?? '250 fine'}\r\n`;
      }
      if (/^DATA$/i.test(line)) {
        isData = true;
        return '354 go on\r\n';
      }
      return /^QUIT$/i.test(line) ? '221 bye\r\n' : '250 mail.test\r\n';
    }
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `smtp://127.0.0.1:${port}`,
    messages,
    recipients,
    refuse: (text) => {
      refusal = text;
    },
  };
}
