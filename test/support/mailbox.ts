import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './deadline.ts';

export interface ReceivedMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Reads the mails that floorwire left as files. */
export function aMailbox(folder: string) {
  async function allTo(address: string): Promise<ReceivedMail[]> {
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => name.endsWith('.eml')).sort();
    const mails = await Promise.all(
      files.map(async (name) => parse(await readFile(join(folder, name), 'utf8'))),
    );
    return mails.filter(({ to }) => to === address);
  }
  const mailsTo = async (address: string) => (await allTo(address)).filter((mail) => !isNotice(mail));
  return {
    /** Those that are no notices. */
    mailsTo,
    noticesTo: async (address: string) => (await allTo(address)).filter(isNotice),
    /** The token of the newest mail to this address, once there are that many. */
    async tokenTo(address: string, { count = 1 } = {}): Promise<string> {
      const mails = await eventually(async () => {
        const found = await mailsTo(address);
        return found.length >= count && found;
      });
      return tokenIn(mails.at(-1)?.text ?? '');
    },
  };
}

const isNotice = ({ text }: ReceivedMail): boolean => text.includes('tells you this by mail');

/** The token a mail names, or an error. */
export function tokenIn(text: string): string {
  const token = /^Token: (\S+)$/m.exec(text)?.[1];
  if (!token) throw new Error('there is no token in the mail');
  return token;
}

function parse(source: string): ReceivedMail {
  const [head = '', ...body] = source.split('\n\n');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? '';
  const text = body.join('\n\n');
  const isQuoted = /^Content-Transfer-Encoding: quoted-printable$/im.test(head);
  return { to: header('To'), subject: header('Subject'), text: isQuoted ? unquoted(text) : text };
}

const unquoted = (text: string) =>
  text
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
