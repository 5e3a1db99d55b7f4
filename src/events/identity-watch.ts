import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Ask } from './listener.ts';
import { settleLogIdentity, settleLogIdentityOn } from './log.ts';

/**
 * Whether the log is still the one it was. The connection that listens says so when it was made: behind a switch to
 * another server the pool may still have connections to the old one. While there is none, and once the pool has found itself
 * in another log, the pool is asked each time.
 */
export function watchIdentity(db: Kysely<Database>, identity: string) {
  let isVouchedFor = false;
  let isReplaced = false;
  let tell = () => {};
  const replaced = new Promise<void>((resolve) => {
    tell = resolve;
  });

  function hear(said: string): void {
    if (said === identity) return;
    isReplaced = true;
    tell();
  }

  return {
    replaced,
    doubt() {
      isVouchedFor = false;
    },
    /** @throws what keeps it from being found out */
    async confirm(ask: Ask): Promise<void> {
      hear(await settleLogIdentityOn(ask));
      isVouchedFor = true;
    },
    /** @throws what keeps it from being found out */
    async isSame(): Promise<boolean> {
      if (!isVouchedFor && !isReplaced) hear(await settleLogIdentity(db));
      return !isReplaced;
    },
  };
}
