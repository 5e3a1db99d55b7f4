import { principalKeyOf } from '../graphql/rate-limits.ts';
import { type Actor, ANONYMOUS } from '../lib/actor.ts';
import { networkOf } from '../lib/network.ts';
import { ConnectionLimitError } from './errors.ts';
import type { Limits } from './limits.ts';

/** How many WebSockets and streams of server-sent events are open in this process, counted together. */
export interface ConnectionQuota {
  /** Counts one more, for the address it came from and for whoever it is of, until disposed of. @throws ConnectionLimitError */
  admit(address: string | null | undefined, actor?: Actor): Disposable;
  /** Counts one that was let in before anybody knew whose it is; nobody's are not counted. @throws ConnectionLimitError */
  claim(actor: Actor): Disposable;
}

/** A place comes free when somebody leaves, which nobody can foretell. */
const FULL_RETRY_MS = 5_000;

const NOTHING: Disposable = { [Symbol.dispose]: () => {} };

export function createConnectionQuota({
  maxSockets,
  maxSocketsPerAddress,
  maxSocketsPerUser,
}: Pick<Limits, 'maxSockets' | 'maxSocketsPerAddress' | 'maxSocketsPerUser'>): ConnectionQuota {
  const all = createTally(maxSockets, 'Too many connections are open.');
  const addresses = createTally(
    maxSocketsPerAddress,
    `${maxSocketsPerAddress} connections are open from this address already. Close one.`,
  );
  const principals = createTally(
    maxSocketsPerUser,
    `You have ${maxSocketsPerUser} connections open already. Close one.`,
  );

  const claim: ConnectionQuota['claim'] = (actor) => {
    const key = principalKeyOf(actor);
    return key === null ? NOTHING : principals.take(key);
  };
  return {
    admit: (address, actor = ANONYMOUS) =>
      allOrNone([
        () => all.take('all'),
        () => addresses.take(networkOf(address) ?? 'unknown'),
        () => claim(actor),
      ]),
    claim,
  };
}

function allOrNone(takes: readonly (() => Disposable)[]): Disposable {
  const places: Disposable[] = [];
  const leave = () => {
    for (const place of places.splice(0)) place[Symbol.dispose]();
  };
  try {
    for (const take of takes) places.push(take());
  } catch (error) {
    leave();
    throw error;
  }
  return { [Symbol.dispose]: leave };
}

/** Counts by key, up to a maximum for each. */
function createTally(maximum: number, refusal: string) {
  const counts = new Map<string, number>();
  return {
    /** @throws ConnectionLimitError */
    take(key: string): Disposable {
      const count = counts.get(key) ?? 0;
      if (count >= maximum) throw new ConnectionLimitError(refusal, { retryAfterMs: FULL_RETRY_MS });
      counts.set(key, count + 1);
      let isTaken = true;
      return {
        [Symbol.dispose]() {
          if (!isTaken) return;
          isTaken = false;
          const left = (counts.get(key) ?? 1) - 1;
          if (left > 0) counts.set(key, left);
          else counts.delete(key);
        },
      };
    },
  };
}
