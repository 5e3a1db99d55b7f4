import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isHad } from './not-modified.ts';
import type { Reply } from './responses.ts';

/** What a calendar is shown under a token; null: nothing. */
export type ReadCalendar = (token: string) => Promise<string | null>;

const PATH = /^\/ical\/([^/]+)\.ics$/;
/** Calendars ask every few minutes at most. */
const MAX_AGE_SECONDS = 300;

/** The token in the path of a calendar; null for another path. */
export const calendarTokenOf = (pathname: string): string | null => PATH.exec(pathname)?.[1] ?? null;

/** The path as the log may have it: whoever knows the token reads the calendar. */
export const withoutCalendarToken = (pathname: string): string =>
  pathname.startsWith('/ical/') ? '/ical/…' : pathname;

/** A calendar as text, or that it is the one the client has; null for none. */
export async function calendarReply(
  read: ReadCalendar,
  token: string,
  request: IncomingMessage,
): Promise<Reply | null> {
  const body = await read(token);
  if (body === null) return null;
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const headers = { etag, 'cache-control': `private, max-age=${MAX_AGE_SECONDS}` };
  if (isHad(etag, request.headers['if-none-match'])) return { status: 304, headers, body: '' };
  return { status: 200, headers: { ...headers, 'content-type': 'text/calendar; charset=utf-8' }, body };
}
