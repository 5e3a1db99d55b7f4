import type { Role } from '../lib/actor.ts';
import type { NotificationType, Severity } from './notification.ts';

/** A notice as it was made. */
export interface NotificationSnapshot {
  readonly notificationId: string;
  readonly userId: string;
  readonly notificationType: NotificationType;
  readonly severity: Severity;
  readonly message: string;
  /** What it is about; null for what somebody sent. */
  readonly data: Readonly<Record<string, unknown>> | null;
  /** What somebody sent, as he wrote it; null otherwise. */
  readonly sentData: unknown;
  /** Only for him while he has one of these roles; null: whatever he is. */
  readonly roles: readonly Role[] | null;
  /** The type of the event it follows from. */
  readonly eventType: string | null;
  readonly createdAt: string;
}

/** Several of one person's, at most MAX_MARKED. */
interface Marked {
  readonly userId: string;
  readonly notifications: readonly MarkedNotification[];
  readonly at: string;
}

export interface MarkedNotification {
  readonly notificationId: string;
  readonly notificationType: NotificationType;
}

/** How many notices one event names: more are several events. */
export const MAX_MARKED = 500;

declare module '../events/events.ts' {
  interface EventMap {
    /** Somebody is told something. Nobody else may read it. */
    'notification.created': NotificationSnapshot;
    'notification.read': Marked;
    'notification.deleted': Marked;
    /** Somebody told people something: so many of those he meant, who want to be told. */
    'notification.sent': {
      /** Which sending. */
      readonly sending: string;
      readonly notificationType: NotificationType;
      readonly severity: Severity;
      readonly message: string;
      /** Whom he meant: these people, or those of these roles; both null: everybody. */
      readonly userIds: readonly string[] | null;
      readonly roles: readonly Role[] | null;
      readonly recipients: number;
    };
    /** How he is told what is of this type from now on; null: as is usual for what he is. */
    'notification.preference-changed': {
      readonly userId: string;
      readonly notificationType: NotificationType;
      readonly inApp: boolean | null;
      readonly byMail: boolean | null;
    };
  }
}

/** What happens to the notices of a person, for himself. */
export const NOTIFICATION_EVENTS = [
  'notification.created',
  'notification.read',
  'notification.deleted',
] as const;
export type NotificationEventType = (typeof NOTIFICATION_EVENTS)[number];
