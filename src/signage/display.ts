/** A layout as it was published once. */
export interface LayoutAt {
  readonly layoutId: string;
  readonly revision: number;
}

/** What made a device show what it shall show. What comes later in this list goes before what comes earlier. */
export const DISPLAY_CAUSES = ['PUSH', 'SCHEDULE', 'TAKEOVER'] as const;

export type DisplayCause = (typeof DISPLAY_CAUSES)[number];

/** What a device shall show, and why. */
export interface Wanted extends LayoutAt {
  readonly cause: DisplayCause;
  /** Which rule or which takeover; null for what it was pushed. */
  readonly causeId: string | null;
}

/** What a device shall show and what it says of it. */
export interface Display {
  readonly deviceId: string;
  readonly venueId: string;
  /** What it was pushed, and shows whenever nothing goes before that. */
  readonly pushed: LayoutAt | null;
  readonly desired: Wanted | null;
  /** Grows whenever the device is to do something. */
  readonly version: bigint;
  readonly desiredAt: Date | null;
  /** What it last said it shows; of a version before `version` it is still behind. */
  readonly applied: Applied | null;
  /** What it last said it cannot show. */
  readonly failed: Failed | null;
}

export interface Applied {
  readonly version: bigint;
  /** Null: nothing. */
  readonly layout: LayoutAt | null;
  readonly at: Date;
}

export interface Failed {
  readonly version: bigint;
  /** As the device says it, at most 500 characters. */
  readonly reason: string;
  readonly at: Date;
}

export const isSameWanted = (one: Wanted | null, other: Wanted | null): boolean =>
  one?.layoutId === other?.layoutId &&
  one?.revision === other?.revision &&
  one?.cause === other?.cause &&
  one?.causeId === other?.causeId;

/** Whether a device says that it shows what it shall show, and has not said since that it cannot. */
export const isCurrent = ({ version, applied, failed }: Display): boolean =>
  applied?.version === version && failed?.version !== version;

/** Of a device that was never to show anything. */
export const blankDisplay = (deviceId: string, venueId: string): Display => ({
  deviceId,
  venueId,
  pushed: null,
  desired: null,
  version: 0n,
  desiredAt: null,
  applied: null,
  failed: null,
});
