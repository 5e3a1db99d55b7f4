import type { Actor } from '../lib/actor.ts';
import type { TimesAt } from './schedule-times.ts';

/** A layout that goes before everything else on some screens, in an emergency. */
export interface Takeover {
  readonly id: string;
  readonly venueId: string;
  readonly layoutId: string;
  readonly reason: string;
  /** Whether screens that are registered meanwhile are among them. */
  readonly everywhere: boolean;
  /** Screens that come to be in one of these groups meanwhile are, too. */
  readonly groupIds: readonly string[];
  /** And those that come to have one of these tags. */
  readonly tags: readonly string[];
  readonly startedAt: Date;
  readonly startedBy: ActorReference;
  /** When it ends by itself; null: when somebody ends it. */
  readonly endsAt: Date | null;
  readonly endedAt: Date | null;
  readonly endedBy: ActorReference | null;
}

export interface ActorReference {
  readonly kind: Actor['kind'];
  readonly id: string | null;
}

/** What a screen says of a takeover. */
export interface TakeoverReceipt {
  readonly takeoverId: string;
  readonly deviceId: string;
  /** When it first said that it shows it. */
  readonly shownAt: Date | null;
  /** Why it last said that it cannot. */
  readonly failure: string | null;
  readonly failedAt: Date | null;
}

/** How the screens of a takeover stand, in numbers. */
export interface TakeoverCounts {
  readonly devices: number;
  readonly shown: number;
  readonly failed: number;
}

export const isRunning = ({ endsAt, endedAt }: Takeover, now: Date): boolean =>
  endedAt === null && (endsAt === null || endsAt > now);

/** Whether it goes on at an instant, and until when. */
export function runsAt({ startedAt, endsAt, endedAt }: Takeover, at: Date): TimesAt {
  const end = endedAt ?? endsAt;
  if (end !== null && end <= at) return { isOn: false, changesAt: null };
  return startedAt <= at ? { isOn: true, changesAt: end } : { isOn: false, changesAt: startedAt };
}
