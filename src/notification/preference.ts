import type { Role } from '../lib/actor.ts';
import { NOTIFICATION_TYPES, type NotificationType } from './notification.ts';

/** How somebody is told what is of one type, at one venue. */
export interface Preference {
  readonly type: NotificationType;
  readonly inApp: boolean;
  readonly byMail: boolean;
}

/** What he chose himself; null: as is usual. */
export interface Choice {
  readonly inApp: boolean | null;
  readonly byMail: boolean | null;
}

interface Usual {
  /** Who is told in the app without having asked for it; null: everybody. */
  readonly inApp: readonly Role[] | null;
  readonly byMail: boolean;
}

const EVERYBODY = { inApp: null, byMail: false };

/**
 * How it is without a choice. By mail goes what cannot wait until somebody looks: an offer ends in minutes, and
 * what happens to an account may be done by another.
 */
export const USUAL: Readonly<Record<NotificationType, Usual>> = {
  RESERVATION: EVERYBODY,
  PARKING_LOT: { inApp: ['OPERATOR', 'ADMIN'], byMail: false },
  BOOKING: EVERYBODY,
  WAITLIST: { inApp: null, byMail: true },
  WALLET: EVERYBODY,
  MACHINE: EVERYBODY,
  DEVICE: EVERYBODY,
  LAYOUT: EVERYBODY,
  ALERT: EVERYBODY,
  SECURITY: { inApp: null, byMail: true },
  SYSTEM: EVERYBODY,
};

/** Of every type, by what he chose and what he is. */
export const preferencesOf = (
  roles: readonly Role[],
  choices: ReadonlyMap<NotificationType, Choice>,
): readonly Preference[] =>
  NOTIFICATION_TYPES.map((type) => {
    const usual = USUAL[type];
    const choice = choices.get(type);
    return {
      type,
      inApp: choice?.inApp ?? (usual.inApp === null || roles.some((role) => usual.inApp?.includes(role))),
      byMail: choice?.byMail ?? usual.byMail,
    };
  });
