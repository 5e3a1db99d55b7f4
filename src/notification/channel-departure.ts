import type { Work } from '../work.ts';
import { channelKey } from './channel.ts';
import { deleteMessagesOn } from './channel-store.ts';

/** What was said to a person goes with his account. */
export const forgetMessagesTo = ({ tx }: Work, userId: string): Promise<void> =>
  deleteMessagesOn(tx, channelKey({ kind: 'USER', userId }));
