import { principalKeyOf } from '../graphql/rate-limits.ts';
import { type Actor, ANONYMOUS } from '../lib/actor.ts';
import { networkOf } from '../lib/network.ts';
import { ConnectionLimitError } from './errors.ts';
import type { Limits } from './limits.ts';

/** How many WebSockets and streams of server-sent events are open in this process, counted together. */
export interface ConnectionQuota {
  /** Counts one more, for the address it came from and for whoever it is of, until disposed of. @throws ConnectionLimitError */
  admit(address: string | null | undefined, actor?: Actor): Place;
}

/** Of one connection, until it is disposed of. */
export interface Place extends Disposable {
  /** Counts it for whoever it is of, where nobody knew that when it was let in; nobody's are not counted. @throws ConnectionLimitError */
  claim(actor: Actor): void;
}

/** A place comes free when somebody leaves, which nobody can foretell. */
const FULL_RETRY_MS = 5_000;

interface Counts {
  readonly all: Count;
  readonly addresses: Count;
  readonly principals: Count;
}

export function createConnectionQuota({
  maxSockets,
  maxSocketsPerAddress,
  maxSocketsPerUser,
}: Pick<Limits, 'maxSockets' | 'maxSocketsPerAddress' | 'maxSocketsPerUser'>): ConnectionQuota {
  const counts = {
    all: new Count(maxSockets, 'Too many connections are open.'),
    addresses: new Count(
      maxSocketsPerAddress,
      `${maxSocketsPerAddress} connections are open from this address already. Close one.`,
    ),
    principals: new Count(
      maxSocketsPerUser,
      `You have ${maxSocketsPerUser} connections open already. Close one.`,
    ),
  };
  return {
    admit(address, actor = ANONYMOUS) {
      const place = new CountedPlace(counts, networkOf(address) ?? 'unknown');
      try {
        place.claim(actor);
      } catch (error) {
        place[Symbol.dispose]();
        throw error;
      }
      return place;
    },
  };
}

class CountedPlace implements Place {
  readonly #counts: Counts;
  readonly #address: string;
  #principal: string | null = null;
  #isTaken = true;

  /** @throws ConnectionLimitError */
  constructor(counts: Counts, address: string) {
    this.#counts = counts;
    this.#address = address;
    counts.all.take(ALL);
    try {
      counts.addresses.take(address);
    } catch (error) {
      counts.all.leave(ALL);
      throw error;
    }
  }

  claim(actor: Actor): void {
    const key = principalKeyOf(actor);
    if (key === null || !this.#isTaken) return;
    this.#counts.principals.take(key);
    this.#principal = key;
  }

  [Symbol.dispose](): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    const { all, addresses, principals } = this.#counts;
    all.leave(ALL);
    addresses.leave(this.#address);
    if (this.#principal !== null) principals.leave(this.#principal);
  }
}

const ALL = '';

/** Counts by key, up to a maximum for each. */
class Count {
  readonly #counts = new Map<string, number>();
  readonly #maximum: number;
  readonly #refusal: string;

  constructor(maximum: number, refusal: string) {
    this.#maximum = maximum;
    this.#refusal = refusal;
  }

  /** @throws ConnectionLimitError */
  take(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#maximum)
      throw new ConnectionLimitError(this.#refusal, { retryAfterMs: FULL_RETRY_MS });
    this.#counts.set(key, count + 1);
  }

  leave(key: string): void {
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
