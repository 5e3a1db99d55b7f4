import type { ColumnType } from 'kysely';
import type { Role } from '../../lib/actor.ts';

type Fixed<T> = ColumnType<T, T, never>;

export type NotificationType =
  | 'RESERVATION'
  | 'PARKING_LOT'
  | 'BOOKING'
  | 'WAITLIST'
  | 'WALLET'
  | 'MACHINE'
  | 'DEVICE'
  | 'LAYOUT'
  | 'ALERT'
  | 'SECURITY'
  | 'SYSTEM';

export type Severity = 'INFO' | 'SUCCESS' | 'WARNING' | 'CRITICAL';

export interface NotificationTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  user_id: Fixed<string>;
  type: Fixed<NotificationType>;
  severity: Fixed<Severity>;
  message: Fixed<string>;
  data: ColumnType<unknown, string, never>;
  roles: Fixed<readonly Role[] | null>;
  event_type: Fixed<string | null>;
  event_position: Fixed<bigint | null>;
  sent_id: Fixed<string | null>;
  created_at: Fixed<Date>;
  read_at: Date | null;
  is_shown: Fixed<boolean>;
  mail_until: Date | null;
}

export interface NoticeToldTable {
  venue_id: Fixed<string>;
  event_type: Fixed<string>;
  about: Fixed<string>;
  told_at: Date;
}

export interface NotificationPreferenceTable {
  user_id: Fixed<string>;
  venue_id: Fixed<string>;
  type: Fixed<NotificationType>;
  in_app: boolean | null;
  by_mail: boolean | null;
  changed_at: Date;
}
