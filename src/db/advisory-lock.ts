import { createHash } from 'node:crypto';

/** PostgreSQL's number for a lock with a name: 64 bits of its SHA-256, as text of a signed integer. */
export function lockKey(name: string): string {
  return createHash('sha256').update(name).digest().readBigInt64BE().toString();
}
