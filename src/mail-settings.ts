import { join } from 'node:path';
import type { Variables } from './environment.ts';

/** By a mail server, or as files in a folder. */
export type MailSettings = { readonly from: string } & (
  | { readonly kind: 'SMTP'; readonly url: string }
  | { readonly kind: 'FILES'; readonly folder: string }
);

/** Files hold live secrets and stay, so they are for trying things out and never for production. */
export function mailSettings(
  {
    SMTP_URL: url,
    MAIL_FROM: from = 'floorwire <floorwire@localhost>',
  }: Pick<Variables, 'SMTP_URL' | 'MAIL_FROM'>,
  { production, dataDir }: { readonly production: boolean; readonly dataDir: string },
): MailSettings | null {
  if (url) return { kind: 'SMTP', url, from };
  return production ? null : { kind: 'FILES', folder: join(dataDir, 'mail'), from };
}
