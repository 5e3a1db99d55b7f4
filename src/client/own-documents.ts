import { BALANCE, WALLET } from './balance.ts';
import { BROADCAST, CURSOR, MESSAGES } from './channels.ts';
import { ISSUE } from './credentials.ts';
import { PROBE } from './event-stream-way.ts';
import { RENEW } from './renewal.ts';
import { SERVER_FACTS } from './server-facts.ts';
import { REFRESH } from './session.ts';
import { PUSH_LAYOUT, SYNC_CONTENT } from './signage.ts';

/**
 * All that this client asks by itself, as text: to be listed with the documents of an app at a server that runs no
 * others. What a subscription is polled by is made of its own text, and is none of them.
 */
export const OWN_DOCUMENTS: readonly string[] = [
  SERVER_FACTS,
  ISSUE,
  RENEW,
  REFRESH,
  PROBE,
  MESSAGES,
  BROADCAST,
  CURSOR,
  WALLET,
  BALANCE,
  PUSH_LAYOUT,
  SYNC_CONTENT,
];
