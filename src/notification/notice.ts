import type { Venue } from '../auth/venue.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import type { Role } from '../lib/actor.ts';
import type { Work } from '../work.ts';
import type { NotificationType, Severity } from './notification.ts';

/** Who is told something. */
export type Audience =
  /** These, whatever they are at the venue. */
  | { readonly userIds: readonly string[] }
  /** Whoever has one of these roles, and only while he has one. */
  | { readonly roles: readonly Role[] }
  /** Everybody of the venue. */
  | 'EVERYBODY';

/** What people are told of an event. */
export interface Notice {
  readonly to: Audience;
  readonly type: NotificationType;
  readonly severity: Severity;
  /** One sentence or two, at most 500 characters. */
  readonly message: string;
  /** Ids as the tables have them, under the names that events give them: `bookingId`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** When a mail of it is no use any more; a day later where nothing is said. */
  readonly mailUntil?: Date;
}

/** What writing a notice takes. */
export interface Telling extends Pick<Work, 'tx' | 'now'> {
  /** Where it happened. */
  readonly venue: () => Promise<Venue>;
  /**
   * Whether an event of this type, about what has this id, is told: not where another one was since then, whatever
   * became of its notices. Who asks and is told so tells it.
   */
  readonly isNews: (about: string, since: Date) => Promise<boolean>;
}

/** What is told of one type of event; null: nothing this time. */
export type NoticeRule<T extends EventType> = (
  event: LoggedEvent<T>,
  telling: Telling,
) => Notice | null | Promise<Notice | null>;

/** Of which events people are told, and what. Each domain has its own; `app.ts` puts them together. */
export type NoticeRules = { readonly [T in EventType]?: NoticeRule<T> };

/** Who sees to the floor. */
export const STAFF: Audience = { roles: ['OPERATOR', 'ADMIN'] };
