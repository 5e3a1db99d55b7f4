/** A process that drives lines. */
export interface Driver {
  /** A new one for each start. */
  readonly processId: string;
  /** What people know it by. */
  readonly name: string;
  /** It drives the lines whose `drivenBy` is one of these. */
  readonly drives: readonly string[];
}

/** Lower-case letters, digits and hyphens, as in a host name. `none` would mean that no driver may. */
export const isDriverName = (name: string): boolean =>
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) && name !== 'none';

/** The right to drive a line: of all leases there ever were on it, the only one with this epoch. */
export interface LineLease {
  readonly lineId: string;
  readonly venueId: string;
  readonly epoch: bigint;
}

export interface LeaseTimes {
  /** How long a lease holds from its last renewal, by the database's clock. */
  readonly leaseMs: number;
  /** How often it is renewed. */
  readonly renewalMs: number;
}

/**
 * So long before its lease ends a driver falls silent. A machine that hears nobody for 5 s forgets which of its
 * answers awaits an acknowledgement (SAS.md 5.5): the first poll of the next driver acknowledges nothing that
 * its predecessor has heard and not put on record.
 */
export const QUIET_MS = 5_500;

/** The shortest lease that outlasts one renewal that failed. */
export const shortestLeaseMs = (renewalMs: number): number => 2 * renewalMs + QUIET_MS;

/** An instant by both clocks of a process. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export const thisMoment = (): Moment => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** By the clock that went further: one stands still while the computer sleeps, the other may be set back. */
export const elapsedMs = (since: Moment, now: Moment): number =>
  Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
