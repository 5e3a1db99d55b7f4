import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { settleLogIdentity } from './log.ts';

/** Whether the log is still the one it was: to be found out whenever the connection to it was made anew. */
export function watchIdentity(db: Kysely<Database>, identity: string) {
  let doubts = 0;
  /** So many of them have been cleared up: one may come while another is. */
  let cleared = 0;
  let isReplaced = false;
  let tell = () => {};
  const replaced = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return {
    replaced,
    doubt() {
      doubts += 1;
    },
    /** @throws what keeps it from being found out */
    async isSame(): Promise<boolean> {
      if (cleared < doubts && !isReplaced) {
        const asked = doubts;
        isReplaced = (await settleLogIdentity(db)) !== identity;
        cleared = asked;
        if (isReplaced) tell();
      }
      return !isReplaced;
    },
  };
}
