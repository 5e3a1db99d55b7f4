import type { Doer } from './layout.ts';

/** Somebody who has a layout open to work on it. */
export interface Editor {
  readonly layoutId: string;
  readonly venueId: string;
  /** The session or key he works with. */
  readonly credentialId: string;
  readonly who: Doer;
  /** The region he has for himself; null: none. Others are shown that, and may save it all the same. */
  readonly regionId: string | null;
  readonly joinedAt: Date;
  /** He is gone then, unless he says before that he is still there. */
  readonly expiresAt: Date;
}

/** Who says nothing for so long is gone. */
export const EDITING_SECONDS = 30;
/** Of one layout. */
export const MAX_EDITORS = 100;

export const expiryFrom = (now: Date): Date => new Date(now.getTime() + EDITING_SECONDS * 1_000);
